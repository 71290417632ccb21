#include "core/store/migrations.h"

#include <fmt/format.h>

#include <charconv>

namespace auth {
namespace {

Status refuse_newer(Database& database, int version) {
    const int newest = newest_version(database.migrations());
    if (version > newest)
        return fail(ErrorCode::schema_too_new,
                    fmt::format("the database '{}' has schema {}, this program knows up to {}",
                                database.location(), version, newest),
                    "install a newer auth-cli");
    return {};
}

} // namespace

int version_of(std::string_view name) {
    int version = 0;
    std::from_chars(name.data(), name.data() + name.size(), version);
    return version;
}

int newest_version(const Migrations& steps) {
    return version_of(steps.back().first);
}

Result<int> migrate(Database& database) {
    const Migrations& steps = database.migrations();
    int version = database.schema_version();
    AUTH_CHECK(refuse_newer(database, version));
    if (version == newest_version(steps))
        return 0;

    Transaction transaction(database);
    version = database.schema_version();
    AUTH_CHECK(refuse_newer(database, version));
    int taken = 0;
    for (const auto& [name, sql] : steps) {
        if (version_of(name) <= version)
            continue;
        database.execute(std::string(sql));
        database.set_schema_version(version_of(name));
        ++taken;
    }
    transaction.commit();
    database.note_steps(taken);
    return taken;
}

} // namespace auth
