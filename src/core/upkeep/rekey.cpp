#include "core/upkeep/rekey.h"

#include "core/audit/audit.h"
#include "core/base/file_state.h"
#include "core/base/private_file.h"
#include "core/codes/codes_table.h"
#include "core/store/copy_table.h"
#include "core/store/meta_table.h"
#include "core/upkeep/key_switch.h"
#include "core/upkeep/mac_table.h"
#include "core/upkeep/sealed_table.h"

#include <fmt/format.h>

#include <string>

namespace auth {
namespace {

namespace fs = std::filesystem;

constexpr Seconds hour{3600};

// Which key file the database's key was found in.
bool uses(const Realm& realm, fs::path (*beside)(const fs::path&)) {
    const KeySource& source = realm.vault.source();
    return source.is_file() && realm.vault.key_path() == beside(source.file());
}

Result<Secret> random_or_from(const fs::path& file, Random& random) {
    if (file.empty() || !file_state(file).present)
        return random_bytes(random, key_size);
    return KeySource(file).read();
}

// Where the new key is to be on disk before anything is committed.
Result<fs::path> place_of_new_key(const Realm& realm, const RekeyOrder& order) {
    const KeySource& source = realm.vault.source();
    if (!source.is_file()) {
        if (order.new_key_file.empty())
            return fail(error(ErrorCode::usage,
                              fmt::format("{} cannot be replaced from here", source.name()))
                            .with_field("new-key-file")
                            .with_hint("name a file for the new key with --new-key-file"));
        return order.new_key_file;
    }
    // After a restore of an older backup, or a rekey of another database with the same key file.
    if (uses(realm, old_key_file))
        return source.file();
    const fs::path old = old_key_file(source.file());
    if (file_state(old).present)
        return fail(ErrorCode::exists, fmt::format("the old key '{}' is still kept", old.string()),
                    NextStep{"db rekey", {"--finish"}});
    return next_key_file(source.file());
}

// One that waits since a run that was killed is taken: another database may have it already.
Result<KeySource> new_key(Realm& realm, const meta_table::Meta& meta, const RekeyOrder& order) {
    AUTH_TRY(const fs::path place, place_of_new_key(realm, order));
    const bool waiting = order.new_key_file.empty() && file_state(place).present;
    AUTH_TRY(const Secret wanted,
             random_or_from(waiting ? place : order.new_key_file, realm.random));
    KeySource in_memory("the new key", wanted);
    AUTH_TRY(const std::string check, Vault::key_check(in_memory, meta.database_id));
    if (check == meta.key_check)
        return fail(error(ErrorCode::usage, "the new key must be different from the current one")
                        .with_field("new-key-file"));
    if (realm.dry_run)
        return in_memory;
    if (!order.new_key_file.empty())
        AUTH_CHECK(Vault::write_key(order.new_key_file, wanted, realm.random));
    AUTH_CHECK(Vault::write_key(place, wanted, realm.random));
    return KeySource(place);
}

Result<std::int64_t> reseal_all(Realm& realm, const VaultChange& change, Pace& pace) {
    std::int64_t count = 0;
    for (const auto& column : sealed_table::columns()) {
        AUTH_TRY(const std::int64_t values,
                 sealed_table::reseal(realm.database, column, change, realm.random, pace));
        count += values;
    }
    return count;
}

void move_macs(Realm& realm, const VaultChange& change, Pace& pace, Rekeyed& done) {
    // What is older counts no more.
    codes_table::forget_requests(realm.database, realm.now() - hour);
    for (const auto& column : mac_table::columns()) {
        if (pace.stopped())
            return;
        const auto moved = mac_table::move(realm.database, column, change, pace);
        switch (column.purpose) {
        case MacPurpose::address:
            done.counters += moved.carried;
            done.dropped_counters += moved.dropped;
            break;
        case MacPurpose::recovery_code:
            done.recovery_codes = moved.carried;
            break;
        case MacPurpose::code:
            done.codes = moved.dropped;
            break;
        case MacPurpose::link:
            done.links = moved.dropped;
            break;
        case MacPurpose::place:
            done.places = moved.dropped;
            break;
        case MacPurpose::refresh: // in tokens, and in no table
        case MacPurpose::applied:
        case MacPurpose::archive:
            break;
        }
    }
}

// Everything in the database. False where the pace has stopped.
Result<bool> change_key(Realm& realm, const RekeyOrder& order, Pace& pace, Rekeyed& done) {
    AUTH_TRY(meta_table::Meta meta, meta_table::load(realm.database));
    AUTH_TRY(const KeySource source, new_key(realm, meta, order));
    AUTH_TRY(meta.key_check, Vault::key_check(source, meta.database_id));
    const Vault fresh(source, meta.database_id, meta.key_check);
    AUTH_CHECK(fresh.require_key());
    const VaultChange change{realm.vault, fresh};
    AUTH_TRY(done.sealed, reseal_all(realm, change, pace));
    move_macs(realm, change, pace, done);
    if (pace.stopped())
        return false;
    meta.kept_mac_keys = fresh.keep_mac_keys(realm.vault, realm.random);
    meta.rekeyed_at = realm.now();
    meta_table::store_key(realm.database, meta);
    record(realm, {.event = "database_rekeyed",
                   .target = meta.database_id,
                   .detail = {{"sealed", done.sealed},
                              {"counters", done.counters},
                              {"dropped_counters", done.dropped_counters},
                              {"codes", done.codes},
                              {"links", done.links}}});
    return true;
}

// What fails here fails after the commit.
Status put_in_place(const fs::path& key) {
    Status switched = switch_key_files(key);
    if (!switched) {
        Error& why = switched.error();
        why.message = fmt::format("the database has the new key, in '{}', but {}",
                                  next_key_file(key).string(), why.message);
        why.hint = NextStep{"db rekey"};
    }
    return switched;
}

Result<Rekeyed> complete(const Realm& realm) {
    const fs::path key = realm.vault.source().file();
    if (!realm.dry_run)
        AUTH_CHECK(put_in_place(key));
    return Rekeyed{.completed = true, .key_file = key, .old_key_file = old_key_file(key)};
}

} // namespace

std::int64_t rows_to_rekey(Database& database) {
    std::int64_t rows = 0;
    for (const auto& column : sealed_table::columns())
        rows += copy_table::count(database, column.table);
    for (const auto& column : mac_table::columns())
        rows += copy_table::count(database, column.table);
    return rows;
}

Result<std::optional<Rekeyed>> rekey(Realm& realm, const RekeyOrder& order) {
    if (realm.database.restricted())
        return fail(error(ErrorCode::refused, "this connection may only log users in")
                        .with_reason("database_privileges")
                        .with_hint("connect as the owner of the schema"));
    AUTH_CHECK(realm.vault.require_key());
    if (uses(realm, next_key_file))
        return complete(realm).map([](Rekeyed done) { return std::optional(std::move(done)); });
    realm.database.expect_much();
    Rekeyed done;
    Pace pace(order.progress);
    Transaction transaction(realm.database);
    AUTH_TRY(const bool finished, change_key(realm, order, pace, done));
    if (!finished)
        return std::nullopt;
    transaction.commit();
    const KeySource& own = realm.vault.source();
    done.key_file = own.is_file() ? own.file() : order.new_key_file;
    if (own.is_file())
        done.old_key_file = old_key_file(own.file());
    if (own.is_file() && !realm.dry_run && !uses(realm, old_key_file))
        AUTH_CHECK(put_in_place(own.file()));
    return done;
}

Result<std::optional<fs::path>> finish_rekey(Realm& realm) {
    AUTH_CHECK(realm.vault.require_key());
    const KeySource& source = realm.vault.source();
    if (!source.is_file())
        return std::nullopt;
    const fs::path old = old_key_file(source.file());
    if (uses(realm, old_key_file))
        return fail(error(ErrorCode::refused,
                          fmt::format("the database still needs the old key '{}'", old.string()))
                        .with_reason("key_in_use")
                        .with_hint(NextStep{"db rekey"}));
    if (uses(realm, next_key_file))
        AUTH_CHECK(complete(realm));
    AUTH_TRY(const bool kept, check_private_file("key file", old));
    if (!kept)
        return std::nullopt;
    AUTH_TRY(const auto altered, sealed_table::altered(realm.database, realm.vault));
    if (!altered.empty())
        return fail(ErrorCode::database_corrupt, sealed_table::in_words(altered.front()),
                    NextStep{"doctor"});
    record_alone(realm, {.event = "old_key_removed", .detail = {{"file", old.string()}}});
    if (!realm.dry_run)
        AUTH_CHECK(remove_private_file(old));
    return old;
}

} // namespace auth
