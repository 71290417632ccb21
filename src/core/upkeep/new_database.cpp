#include "core/upkeep/new_database.h"

#include "core/audit/audit.h"
#include "core/base/encoding.h"
#include "core/base/ids.h"
#include "core/base/private_file.h"
#include "core/keys/signing_key.h"
#include "core/store/meta_table.h"
#include "core/store/migrations.h"
#include "core/store/sqlite/sqlite_backup.h"
#include "core/store/sqlite/sqlite_database.h"
#include "core/store/vault.h"

#include <fmt/format.h>

namespace auth {

namespace fs = std::filesystem;

Status make_key(const KeySource& key, Random& random) {
    return key.is_file() ? Vault::make_key(key.file(), random)
                         : key.read().map([](const Secret&) {});
}

Status fill_database(Database& database, const NewDatabase& wanted, const Settings& settings,
                     Clock& clock, Random& random) {
    const Time now = clock.now();
    const std::string id = new_uuid(random, now);
    AUTH_TRY(const std::string check, Vault::key_check(wanted.key, id));
    const Vault vault(wanted.key, id, check);
    Transaction transaction(database);
    AUTH_CHECK(migrate(database));
    meta_table::store(
        database, {.database_id = id, .key_check = check, .test = wanted.test, .created_at = now});
    Realm realm{.database = database,
                .vault = vault,
                .settings = settings,
                .clock = clock,
                .random = random,
                .actor = wanted.actor,
                .test = wanted.test};
    record(realm, {"database_created", id, true, {{"test", wanted.test}}});
    create_signing_key(realm, Algorithm::es256, now);
    transaction.commit();
    return {};
}

Status make_database(const fs::path& path, const NewDatabase& wanted, const Settings& settings,
                     Clock& clock, Random& random) {
    std::error_code unknown;
    if (fs::symlink_status(path, unknown).type() != fs::file_type::not_found)
        return fail(ErrorCode::exists,
                    fmt::format("the database '{}' already exists", path.string()),
                    NextStep{"db status"});
    AUTH_CHECK(make_private_directory(path.has_parent_path() ? path.parent_path() : fs::path(".")));
    AUTH_CHECK(make_key(wanted.key, random));
    // Built under another name, so that nobody ever sees half of it.
    const fs::path fresh = path.string() + "." + to_hex(random_bytes(random, 8).reveal());
    const UnfinishedDatabase unfinished(fresh);
    {
        AUTH_TRY(const auto database, SqliteDatabase::create(fresh));
        AUTH_CHECK(fill_database(*database, wanted, settings, clock, random));
    }
    return publish_private_file(fresh, path);
}

} // namespace auth
