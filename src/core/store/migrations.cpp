#include "core/store/migrations.h"

#include <fmt/format.h>

namespace auth {
namespace {

void refuse_newer(Database& database, int version) {
    const int newest = static_cast<int>(database.migrations().size());
    if (version > newest)
        throw Failure(
            error(ErrorCode::schema_too_new,
                  fmt::format("the database '{}' has schema {}, this program knows up to {}",
                              database.location(), version, newest))
                .with_hint("install a newer auth-cli"));
}

} // namespace

int migrate(Database& database) {
    const auto& steps = database.migrations();
    int version = database.schema_version();
    refuse_newer(database, version);
    if (version == static_cast<int>(steps.size()))
        return 0;

    Transaction transaction(database);
    version = database.schema_version();
    refuse_newer(database, version);
    int taken = 0;
    for (; version < static_cast<int>(steps.size()); ++taken) {
        database.execute(std::string(steps[static_cast<std::size_t>(version)].second));
        database.set_schema_version(++version);
    }
    transaction.commit();
    database.note_steps(taken);
    return taken;
}

} // namespace auth
