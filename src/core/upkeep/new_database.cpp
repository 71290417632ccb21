#include "core/upkeep/new_database.h"

#include "core/audit/audit.h"
#include "core/base/encoding.h"
#include "core/base/ids.h"
#include "core/base/private_descriptor.h"
#include "core/base/private_file.h"
#include "core/keys/signing_key.h"
#include "core/settings/setting.h"
#include "core/settings/settings_table.h"
#include "core/store/meta_table.h"
#include "core/store/migrations.h"
#include "core/store/sqlite/sqlite_backup.h"
#include "core/store/sqlite/sqlite_database.h"
#include "core/store/vault.h"

#include <fmt/format.h>

namespace auth {

namespace fs = std::filesystem;

namespace {

tl::unexpected<Error> already_exists(const fs::path& path) {
    return fail(ErrorCode::exists, fmt::format("the database '{}' already exists", path.string()),
                NextStep{"db status"});
}

bool is_taken(const fs::path& path) {
    std::error_code unknown;
    return fs::symlink_status(path, unknown).type() != fs::file_type::not_found;
}

// Nothing where somebody else keeps the key.
Result<std::optional<NewKey>> prepare_file(const std::string& name, const NewDatabase& wanted,
                                           Random& random) {
    if (!wanted.key.is_file())
        return std::nullopt;
    AUTH_TRY(NewKey key, NewKey::prepare({wanted.key.file(), name, wanted.share_key}, random));
    return std::optional<NewKey>(std::move(key));
}

// Once the database is complete.
Result<NewKey::Existing> finish(std::optional<NewKey>& file) {
    if (!file)
        return NewKey::Existing{};
    AUTH_CHECK(file->finish());
    return file->existing();
}

// Of a database that will be called `name`. Its key has its place before the commit, so that no
// database is without one.
Result<std::optional<NewKey>> fill(Database& database, const std::string& name,
                                   const NewDatabase& wanted, const Settings& settings,
                                   Clock& clock, Random& random) {
    const Time now = clock.now();
    const std::string id = new_uuid(random, now);
    // On a server this fails where another process was quicker, which is said before its key is.
    Transaction transaction(database);
    AUTH_TRY(std::optional<NewKey> file, prepare_file(name, wanted, random));
    const KeySource key = file ? KeySource(file->path()) : wanted.key;
    AUTH_TRY(const std::string check, Vault::key_check(key, id));
    const Vault vault(key, id, check);
    AUTH_CHECK(vault.require_key()); // now, while it has that name
    AUTH_CHECK(migrate(database));
    meta_table::store(
        database, {.database_id = id, .key_check = check, .test = wanted.test, .created_at = now});
    // A slip of a test must not make the next one wait.
    if (wanted.test)
        (void)settings_table::put(database, setting<"lockout.waits">, "false", now);
    Realm realm{.database = database,
                .vault = vault,
                .settings = settings,
                .clock = clock,
                .random = random,
                .actor = wanted.actor,
                .test = wanted.test};
    record(realm, {"database_created", id, true, {{"test", wanted.test}}});
    create_signing_key(realm, Algorithm::es256, now);
    if (file)
        AUTH_CHECK(file->publish());
    transaction.commit();
    return file;
}

} // namespace

Result<NewKey::Existing> fill_database(Database& database, const NewDatabase& wanted,
                                       const Settings& settings, Clock& clock, Random& random) {
    AUTH_TRY(auto file, fill(database, database.location(), wanted, settings, clock, random));
    return finish(file);
}

Result<NewKey::Existing> make_database(const fs::path& path, const NewDatabase& wanted,
                                       const Settings& settings, Clock& clock, Random& random) {
    if (is_taken(path))
        return already_exists(path);
    AUTH_CHECK(make_private_directory(directory_of(path)));
    // Built under another name, so that nobody ever sees half of it.
    const fs::path fresh = path.string() + "." + to_hex(random_bytes(random, 8).reveal());
    const UnfinishedDatabase unfinished(fresh);
    AUTH_TRY(auto database, SqliteDatabase::create(fresh));
    auto file = fill(*database, path.filename().string(), wanted, settings, clock, random);
    database.reset();
    // The key of another process that was quicker with this database is in nobody's way.
    if (!file)
        return is_taken(path) ? already_exists(path) : fail(std::move(file).error());
    AUTH_CHECK(publish_private_file(fresh, path));
    return finish(*file);
}

} // namespace auth
