#include "core/accounts/hash_census.h"
#include "core/accounts/lockout.h"
#include "core/audit/audit.h"
#include "core/base/file_state.h"
#include "core/base/text.h"
#include "core/keys/signing_key.h"
#include "core/settings/setting.h"
#include "core/store/broken_database.h"
#include "core/store/meta_table.h"
#include "core/trail/archive_record.h"
#include "core/upkeep/finding.h"
#include "core/upkeep/foreign_objects_table.h"
#include "core/upkeep/leftovers_table.h"
#include "core/upkeep/new_key.h"
#include "core/upkeep/sealed_table.h"
#include "core/upkeep/server_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace auth {
namespace {

std::string where(const Examination& examination) {
    return examination.realm.database.location();
}

void look_for_foreign_objects(Examination& examination) {
    for (const auto& [kind, name, table] :
         foreign_objects_table::list(examination.realm.database)) {
        examination.add(
            {"schema_foreign", Severity::warning, name,
             fmt::format("no migration made the {} {} on {}", kind, printable(name), table),
             fmt::format("unless you need it, run in the database: drop {} {}", kind,
                         printable(name))});
    }
}

void look_at_schema(Examination& examination) {
    const Database& database = examination.realm.database;
    if (database.steps_taken() > 0)
        examination.add({"schema_migrated", Severity::note, where(examination),
                         fmt::format("the database had an older schema, which opening it brought"
                                     " up to date in {}",
                                     counted(database.steps_taken(), "step")),
                         "nothing is left to do"});
    look_for_foreign_objects(examination);
}

void look_at_sharing(Examination& examination) {
    const Realm& realm = examination.realm;
    const std::string key = realm.vault.key_path().string();
    if (key.empty())
        return; // somebody else keeps it
    const auto meta = meta_table::load(realm.database);
    const auto others = databases_opened_by(key, meta ? meta->database_id : "");
    if (!others.empty())
        examination.add(
            {"key_shared", Severity::note, key,
             fmt::format("the key file '{}' also opens '{}'", key, fmt::join(others, "', '")),
             "if the key file is stolen, change the secrets of all these databases"});
}

void look_at_key(Examination& examination) {
    const Vault& vault = examination.realm.vault;
    const Status fits = vault.require_key();
    if (fits)
        return look_at_sharing(examination);
    if (fits.error().code == ErrorCode::unsafe_permissions)
        return; // which is another check's
    examination.add({"key_mismatch", Severity::error, vault.key_name(), fits.error().message,
                     "put the database's key back from its copy, or name it with --key-file"});
}

// How far a change of the key has come.
void look_at_rekey(Examination& examination) {
    constexpr Seconds month{30 * 86400};
    const Vault& vault = examination.realm.vault;
    const KeySource& source = vault.source();
    if (!source.is_file() || !vault.require_key())
        return; // which is another check's
    const auto add = [&](std::string_view code, Severity severity, const std::string& file,
                         std::string_view what, Hint repair) {
        examination.add({std::string(code), severity, file,
                         fmt::format("the key file '{}' {}", file, what), std::move(repair)});
    };
    const std::string next = next_key_file(source.file()).string();
    const std::string old = old_key_file(source.file()).string();
    if (vault.key_path() == next)
        add("rekey_unfinished", Severity::warning, next,
            "is in use, but not in its place: a rekey was cut off", NextStep{"db rekey"});
    else if (file_state(next).present)
        add("key_waiting", Severity::note, next,
            "is from a rekey that was cut off before it changed anything; the next one takes it",
            NextStep{"db rekey"});
    if (vault.key_path() == old)
        add("old_key_in_use", Severity::warning, old,
            "is the old one, and the database still needs it", NextStep{"db rekey"});
    else if (file_state(old).present) {
        const auto meta = meta_table::load(examination.realm.database);
        const bool long_ago =
            meta && meta->rekeyed_at && *meta->rekeyed_at + month < examination.realm.now();
        add("old_key_kept", long_ago ? Severity::warning : Severity::note, old,
            long_ago ? "has been kept for more than 30 days since the rekey"
                     : "is kept until the rekey is finished",
            NextStep{"db rekey", {"--finish"}});
    }
}

Hint sealed_repair(const Examination& examination, const sealed_table::Altered& altered) {
    const std::string& row = altered.rows.front();
    if (altered.where.table == "signing_keys")
        return NextStep{"key rotate"};
    if (altered.where.table == "totp")
        return NextStep{"mfa disable", {"id:" + row}};
    if (altered.where.table == "providers")
        return {"give its client secret anew", NextStep{"provider add", {row, "--replace"}}};
    if (altered.where.table == "outbox")
        return NextStep{"outbox purge", {"--all"}};
    return examination.restore;
}

void look_at_sealed(Examination& examination) {
    Realm& realm = examination.realm;
    auto altered = sealed_table::altered(realm.database, realm.vault);
    if (!altered) {
        // A database key that cannot be read is another check's.
        if (altered.error().code != ErrorCode::key_mismatch &&
            altered.error().code != ErrorCode::unsafe_permissions)
            broken_database(std::move(altered).error());
        return;
    }
    for (auto& each : *altered) {
        // So is the key that signs.
        if (each.where.table == "signing_keys")
            if (const auto signing = signing_record(realm))
                std::erase(each.rows, signing->kid);
        if (!each.rows.empty())
            examination.add({"sealed_altered", Severity::error, std::string(each.where.table),
                             sealed_table::in_words(each), sealed_repair(examination, each)});
    }
}

// Rows of tables that have orphans are told by another check, and so are their references.
void look_at_integrity(Examination& examination) {
    constexpr std::size_t most = 10;
    auto problems = examination.realm.database.integrity_problems();
    std::set<std::string> orphaned;
    for (const Finding& finding : examination.findings)
        if (finding.code == "orphan_rows")
            orphaned.insert(finding.object);
    std::erase_if(problems, [&](const IntegrityProblem& problem) {
        return orphaned.contains(problem.orphans_of);
    });
    for (std::size_t i = 0; i < std::min(problems.size(), most); ++i)
        examination.add({"integrity", Severity::error, where(examination),
                         fmt::format("the database is damaged: {}", problems[i].what),
                         examination.restore});
}

Hint after_copy(Hint hint) {
    const std::string first = "keep a copy as evidence, then";
    hint.words = hint.words.empty() ? first : first + ": " + hint.words;
    return hint;
}

void look_at_audit(Examination& examination) {
    const AuditCheck audit = verify_audit(examination.realm.database);
    if (!audit.problem.empty())
        examination.add({"audit_chain", Severity::error, where(examination),
                         fmt::format("the audit trail was tampered with: {}", audit.problem),
                         after_copy(examination.restore)});
    const auto archives = sealed_archives(examination.realm);
    if (!archives && archives.error().code == ErrorCode::database_corrupt)
        examination.add({"audit_archives", Severity::error, where(examination),
                         archives.error().message, after_copy(examination.restore)});
}

Status mend_rows(Realm& realm, const upkeep_table::Kind& kind, const upkeep_table::Limits& limits) {
    Transaction transaction(realm.database);
    const std::int64_t rows = upkeep_table::mend(realm.database, kind, limits);
    if (kind.table == "passwords")
        recount_hashes(realm.database);
    record(realm, {.event = "database_repaired",
                   .target = kind.table,
                   .detail = {{"finding", kind.code}, {"rows", rows}}});
    transaction.commit();
    return {};
}

void look_at_rows(Examination& examination) {
    Realm& realm = examination.realm;
    const upkeep_table::Limits limits{realm.now(), realm.settings.get(setting<"session.max">)};
    for (const upkeep_table::Kind& kind : upkeep_table::kinds()) {
        const std::int64_t rows = upkeep_table::count(realm.database, kind, limits);
        if (rows > 0)
            examination.add({std::string(kind.code), kind.fault ? Severity::error : Severity::note,
                             std::string(kind.table), fmt::format("{}: {}", kind.what, rows),
                             run_fix,
                             [&realm, &kind, limits] { return mend_rows(realm, kind, limits); }});
    }
}

void look_at_clock(Examination& examination) {
    constexpr Seconds tolerance{300};
    const Realm& realm = examination.realm;
    std::string tables;
    Time newest{};
    for (const auto& [table, time] : upkeep_table::newest(realm.database))
        if (time > realm.now() + tolerance) {
            tables += (tables.empty() ? "" : ", ") + table;
            newest = std::max(newest, time);
        }
    if (!tables.empty())
        examination.add({"rows_from_future", Severity::warning, tables,
                         fmt::format("rows of {} are from the future, the newest one {}: the clock"
                                     " was ahead then, or is behind now",
                                     tables, relative(newest, realm.now())),
                         "timedatectl status"});
}

void look_for_locks(Examination& examination) {
    const std::int64_t locked = upkeep_table::blocked(examination.realm.database, locked_for_good);
    if (locked > 0)
        examination.add({"locked_addresses", Severity::note, "attempts",
                         fmt::format("{} address{} locked until somebody unlocks {}", locked,
                                     locked == 1 ? " is" : "es are", locked == 1 ? "it" : "them"),
                         NextStep{"unlock", {"EMAIL"}}});
}

constexpr auto checks_of_database = std::to_array<Check>({{"the server", look_at_server},
                                                          {"the schema", look_at_schema},
                                                          {"the key file", look_at_key},
                                                          {"changes of the key", look_at_rekey},
                                                          {"what is sealed", look_at_sealed},
                                                          {"rows that nobody needs", look_at_rows},
                                                          {"integrity", look_at_integrity},
                                                          {"the audit trail", look_at_audit},
                                                          {"the clock", look_at_clock},
                                                          {"locked addresses", look_for_locks}});

} // namespace

std::span<const Check> database_checks() {
    return checks_of_database;
}

} // namespace auth
