#include "core/upkeep/restore.h"

#include "core/accounts/attempts_table.h"
#include "core/accounts/hash_census.h"
#include "core/accounts/lockout.h"
#include "core/audit/audit.h"
#include "core/base/encoding.h"
#include "core/base/file_state.h"
#include "core/base/private_descriptor.h"
#include "core/base/private_file.h"
#include "core/codes/codes_table.h"
#include "core/codes/login_links_table.h"
#include "core/keys/key_lifecycle.h"
#include "core/sessions/sessions_table.h"
#include "core/settings/settings_table.h"
#include "core/store/sqlite/sqlite_backup.h"
#include "core/store/sqlite/sqlite_database.h"
#include "core/upkeep/backup.h"
#include "core/upkeep/backup_seal.h"
#include "core/upkeep/carry_over_table.h"
#include "core/users/users_table.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace auth {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 4> database_suffixes = {"", "-journal", "-wal", "-shm"};

tl::unexpected<Error> refuse(const fs::path& file, std::string_view why) {
    return fail(ErrorCode::database_corrupt, fmt::format("the backup '{}' {}", file.string(), why));
}

tl::unexpected<Error> refuse_unsealed(const fs::path& file) {
    return fail(ErrorCode::database_corrupt,
                fmt::format("the backup '{}' has no seal: db backup did not make it, or an older"
                            " version did",
                            file.string()),
                {"to restore it all the same, after a look at what differs, run",
                 NextStep{"db restore", {file.string(), "--unsealed"}}});
}

bool lacks_key_file(const RestoreOrder& order) {
    return order.key.is_file() && !file_state(order.key.file()).present;
}

// A copy that breaks under a statement is no broken database of ours: backups may be damaged.
template <class Look> Status survive(Look look) {
    try {
        return look();
    } catch (const Failure& failure) {
        return fail(failure.error());
    }
}

// What goes wrong with the copy is the backup's fault, and said of it.
template <class Look>
Status blame_backup(const RestoreOrder& order, const fs::path& copy, Look look) {
    const Status looked = survive(look);
    if (looked)
        return {};
    Error said = called(looked.error(), copy, order.file);
    if (said.code == ErrorCode::database_corrupt)
        said.hint = "name another backup; nothing was changed";
    if (said.code == ErrorCode::key_mismatch && lacks_key_file(order))
        said.hint = "give a copy of it with --key-from FILE";
    return fail(std::move(said));
}

} // namespace

Restore::Restore(RestoreOrder order, fs::path copy)
    : order_(std::move(order)), copy_(std::move(copy)) {}

Restore::Restore(Restore&& other) noexcept
    : order_(std::move(other.order_)), copy_(std::exchange(other.copy_, {})),
      suffix_(std::move(other.suffix_)), counter_(other.counter_),
      content_(std::move(other.content_)) {}

Restore::~Restore() {
    if (!copy_.empty())
        for (const std::string_view suffix : database_suffixes)
            (void)remove_private_file(copy_.string().append(suffix));
}

Result<Restore> Restore::prepare(RestoreOrder order, const Settings& settings, Clock& clock,
                                 Random& random) {
    AUTH_TRY(const bool present, check_private_file("backup", order.file));
    if (!present)
        return fail(error(ErrorCode::io, fmt::format("there is no file '{}'", order.file.string()))
                        .with_field("file"));
    std::error_code unknown;
    if (fs::equivalent(order.file, order.database, unknown))
        return fail(
            error(ErrorCode::usage, "the backup is the database itself").with_field("file"));
    AUTH_CHECK(make_private_directory(directory_of(order.database)));
    const std::string suffix = to_hex(random_bytes(random, 8).reveal());
    const fs::path copy = directory_of(order.database) /
                          fmt::format(".{}.{}", order.database.filename().string(), suffix);
    Restore restore(std::move(order), copy);
    restore.suffix_ = suffix;
    AUTH_CHECK(blame_backup(restore.order_, copy, [&] { return restore.copy_backup(); }));
    AUTH_CHECK(blame_backup(restore.order_, copy, [&] { return restore.check_copy(); }));
    if (!restore.content_.sealed && !restore.order_.unsealed)
        return refuse_unsealed(restore.order_.file);
    AUTH_CHECK(restore.look_at_present());
    const auto make_safe = [&] { return restore.make_safe(settings, clock, random); };
    Status made = survive(make_safe);
    if (!made && restore.content_.compared && made.error().code == ErrorCode::database_corrupt) {
        restore.content_.compared = restore.content_.trail_kept = false; // it cannot be read
        made = survive(make_safe);
    }
    if (!made)
        return fail(std::move(made).error());
    return restore;
}

KeySource Restore::key() const {
    const bool from_copy = !order_.key_from.empty() && lacks_key_file(order_);
    return from_copy ? KeySource(order_.key_from) : order_.key;
}

// A sealed backup byte by byte; anything else as SQLite reads it, with its journal.
Status Restore::copy_backup() {
    auto sealed = copy_sealed(order_.file, copy_, key());
    content_.sealed = sealed && *sealed;
    if (content_.sealed)
        return {};
    (void)remove_private_file(copy_);
    const bool distrusted = !sealed && (sealed.error().code == ErrorCode::database_corrupt ||
                                        sealed.error().code == ErrorCode::key_mismatch);
    if (!sealed && !(distrusted && order_.unsealed))
        return fail(called(std::move(sealed).error(), copy_, order_.database));
    return copy_sqlite(order_.file, copy_, order_.database);
}

Status Restore::check_copy() {
    AUTH_TRY(const auto database, SqliteDatabase::open(copy_));
    if (const auto problems = database->integrity_problems(); !problems.empty())
        return refuse(order_.file, fmt::format("is damaged: {}", problems.front().what));
    AUTH_TRY(content_.meta, meta_table::load(*database));
    if (const AuditCheck audit = verify_audit(*database); !audit.problem.empty())
        return refuse(order_.file, fmt::format("has a broken audit trail: {}", audit.problem));
    return Vault(key(), content_.meta).require_key();
}

// Whether the database that is there can be read, and is the backup's.
Status Restore::look_at_present() {
    if (!file_state(order_.database).present)
        return {};
    const Status looked = survive([&]() -> Status {
        AUTH_TRY(const auto database, SqliteDatabase::open(order_.database));
        AUTH_TRY(counter_, change_counter(order_.database)); // before anything is read
        AUTH_TRY(const auto meta, meta_table::load(*database));
        content_.compared = meta.database_id == content_.meta.database_id &&
                            meta.key_check == content_.meta.key_check;
        content_.trail_kept = content_.compared && verify_audit(*database).problem.empty();
        return {};
    });
    if (looked)
        return {};
    content_.compared = content_.trail_kept = false;
    switch (looked.error().code) {
    case ErrorCode::database_corrupt:
    case ErrorCode::schema_too_new:
    case ErrorCode::unsafe_permissions: // of a journal; finish() looks at the database's
        return {};
    default:
        return fail(looked.error());
    }
}

Status Restore::make_safe(const Settings& settings, Clock& clock, Random& random) {
    AUTH_TRY(const auto database, SqliteDatabase::open(copy_));
    const Vault vault(key(), content_.meta);
    Settings own = settings;
    own.set_layer(SettingSource::database, settings_table::load(*database));
    Realm realm{.database = *database,
                .vault = vault,
                .settings = own,
                .clock = clock,
                .random = random,
                .actor = order_.actor,
                .test = content_.meta.test};
    differences_table::attach(*database, content_.compared ? order_.database : fs::path());
    Transaction transaction(*database);
    codes_table::remove_all(*database);
    links_table::remove_all(*database);
    if (content_.compared)
        carry_over(realm);
    else
        start_alone(realm);
    (void)ensure_signing_key(realm);
    record(realm, {.event = "database_restored",
                   .target = content_.meta.database_id,
                   .detail = {{"file", order_.file.filename().string()},
                              {"replaced", file_state(order_.database).present},
                              {"sealed", content_.sealed},
                              {"compared", content_.compared},
                              {"sessions_ended", content_.ended_sessions}}});
    // Where there is nothing to compare with, all there is matters only if nobody vouches for it.
    if (content_.compared || !content_.sealed)
        content_.differences = differences_table::find(*database);
    transaction.commit();
    content_.schema_version = database->schema_version();
    content_.users = users_table::count(*database);
    content_.audit_rows = audit_head(*database).rows;
    return {};
}

void Restore::carry_over(Realm& realm) {
    Database& database = realm.database;
    content_.carried = carry_over_table::kept(database, realm.now());
    // Who was deleted has no attempts any more: a lock of the backup's goes on.
    std::vector<std::pair<std::string, Attempts>> locks;
    for (const std::string& address : carry_over_table::returned_addresses(database)) {
        std::string mac = address_mac(realm, address);
        Attempts attempts = attempts_table::find(database, mac);
        locks.emplace_back(std::move(mac), attempts);
    }
    content_.ended_sessions = carry_over_table::take(database, realm.now());
    for (const auto& [mac, attempts] : locks)
        if (attempts.blocked_until > attempts_table::find(database, mac).blocked_until)
            attempts_table::put(database, mac, attempts);
    for (auto& each : carry_over_table::void_codes(database, realm.now()))
        content_.carried.push_back(std::move(each));
    if (content_.trail_kept)
        carry_over_table::take_trail(database);
    recount_hashes(database);
}

void Restore::start_alone(Realm& realm) {
    content_.ended_sessions = sessions_table::revoke_all(realm.database, "restored", realm.now());
    content_.carried = carry_over_table::void_codes(realm.database, realm.now());
    // Nobody knows which ID tokens were used: all that were issued until now count as used.
    meta_table::void_id_tokens(realm.database, realm.now());
    carry_over_table::retire_keys(realm.database, realm.now());
}

// What SQLite left beside it goes along: a journal would be played back into the new database.
Status Restore::move_aside(const fs::path& aside) const {
    for (const std::string_view suffix : {"-journal", "-wal", "-shm", ""}) {
        std::error_code problem;
        const fs::path from = order_.database.string().append(suffix);
        if (file_state(from).present)
            fs::rename(from, aside.string().append(suffix), problem);
        if (problem)
            return fail(io_error("move aside", from, problem.value()));
    }
    return sync_directory(directory_of(order_.database));
}

Result<fs::path> Restore::finish() {
    if (!order_.key_from.empty() && lacks_key_file(order_))
        AUTH_CHECK(back_up_key(order_.key_from, order_.key.file()));
    const bool present = file_state(order_.database).present;
    if (present) {
        AUTH_CHECK(check_private_file("database", order_.database));
        // What was carried over is of the moment when it was prepared.
        AUTH_TRY(
            const bool overwritten,
            overwrite_sqlite(copy_, order_.database, content_.compared ? counter_ : std::nullopt));
        if (overwritten)
            return fs::path();
    }
    const fs::path aside = order_.database.string() + ".damaged-" + suffix_;
    AUTH_CHECK(move_aside(aside));
    // Its name goes only when the database has it: a kill in between leaves one or the other.
    AUTH_CHECK(publish_private_file(copy_, order_.database));
    copy_.clear();
    return present ? aside : fs::path();
}

} // namespace auth
