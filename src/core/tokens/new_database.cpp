#include "core/tokens/new_database.h"

#include "core/audit/audit.h"
#include "core/base/encoding.h"
#include "core/base/ids.h"
#include "core/base/private_file.h"
#include "core/store/meta_table.h"
#include "core/store/migrations.h"
#include "core/store/sqlite_database.h"
#include "core/store/vault.h"
#include "core/tokens/signing_key.h"

#include <fmt/format.h>

namespace auth {
namespace {

namespace fs = std::filesystem;

Status fill(const fs::path& path, const NewDatabase& wanted, const Settings& settings, Clock& clock,
            Random& random) {
    const Time now = clock.now();
    const std::string id = new_uuid(random, now);
    AUTH_TRY(const std::string check, Vault::key_check(wanted.key_path, id));
    const Vault vault(wanted.key_path, id, check);
    const auto database = SqliteDatabase::create(path);
    Transaction transaction(*database);
    migrate(*database);
    meta_table::store(*database, {id, check, wanted.test, now});
    Realm realm{*database, vault, settings, clock, random, wanted.actor, wanted.test};
    record(realm, {"database_created", id, true, {{"test", wanted.test}}});
    create_signing_key(realm, Algorithm::es256, now);
    transaction.commit();
    return {};
}

} // namespace

Status make_database(const NewDatabase& wanted, const Settings& settings, Clock& clock,
                     Random& random) {
    std::error_code unknown;
    if (fs::symlink_status(wanted.path, unknown).type() != fs::file_type::not_found)
        return fail(ErrorCode::exists,
                    fmt::format("the database '{}' already exists", wanted.path.string()),
                    "auth-cli db status");
    AUTH_CHECK(make_private_directory(wanted.path.has_parent_path() ? wanted.path.parent_path()
                                                                    : fs::path(".")));
    AUTH_CHECK(Vault::make_key(wanted.key_path, random));
    // Built under another name, so that nobody ever sees half of it.
    const fs::path fresh = wanted.path.string() + "." + to_hex(random_bytes(random, 8).reveal());
    try {
        AUTH_CHECK(fill(fresh, wanted, settings, clock, random));
    } catch (...) {
        (void)remove_private_file(fresh);
        throw;
    }
    return publish_private_file(fresh, wanted.path);
}

} // namespace auth
