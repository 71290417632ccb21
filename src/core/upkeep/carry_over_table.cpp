#include "core/upkeep/carry_over_table.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <array>

namespace auth::carry_over_table {
namespace {

// Each selects a name and what is kept of it; ?1 is now.
struct Kept {
    std::string_view object;
    const char* rows;
};

constexpr auto kept_rows = std::to_array<Kept>({
    {"key", "SELECT p.kid, 'stays revoked' FROM present.signing_keys p"
            " LEFT JOIN main.signing_keys m ON m.kid = p.kid"
            " WHERE p.revoked_at IS NOT NULL AND m.revoked_at IS NULL AND ?1 > 0"},
    {"key", "SELECT p.kid, 'stays retired' FROM present.signing_keys p"
            " JOIN main.signing_keys m ON m.kid = p.kid WHERE p.revoked_at IS NULL"
            " AND p.signs_until <= ?1 AND (m.signs_until IS NULL OR m.signs_until > ?1)"},
    {"key", "SELECT p.kid, 'stays, made since' FROM present.signing_keys p"
            " WHERE p.revoked_at IS NULL AND ?1 > 0"
            " AND p.kid NOT IN (SELECT kid FROM main.signing_keys)"},
    {"key", "SELECT m.kid, 'goes, unknown to the database' FROM main.signing_keys m"
            " WHERE ?1 > 0 AND m.kid NOT IN (SELECT kid FROM present.signing_keys)"},
    {"user", "SELECT m.email, 'stays disabled' FROM main.users m"
             " JOIN present.users p ON p.id = m.id"
             " WHERE p.disabled_at IS NOT NULL AND m.disabled_at IS NULL AND ?1 > 0"},
    {"user", "SELECT m.email, 'keeps the password set since' FROM main.users m"
             " JOIN present.passwords p ON p.user_id = m.id"
             " LEFT JOIN main.passwords o ON o.user_id = m.id"
             " WHERE (o.user_id IS NULL OR p.changed_at > o.changed_at) AND ?1 > 0"},
    {"user", "SELECT m.email, 'stays without a password' FROM main.users m"
             " JOIN present.users p ON p.id = m.id JOIN main.passwords o ON o.user_id = m.id"
             " WHERE ?1 > 0 AND m.id NOT IN (SELECT user_id FROM present.passwords)"},
    {"user", "SELECT m.email, 'keeps the second factor as it is now' FROM main.users m"
             " JOIN present.users u ON u.id = m.id"
             " LEFT JOIN present.totp p ON p.user_id = m.id AND p.state = 'confirmed'"
             " LEFT JOIN main.totp o ON o.user_id = m.id AND o.state = 'confirmed'"
             " WHERE p.changed_at IS NOT o.changed_at AND ?1 > 0"},
    {"user", "SELECT m.email, count(*) || ' used recovery code' || iif(count(*) = 1, '', 's')"
             " || ' of the backup stay void' FROM main.users m"
             " JOIN present.users u ON u.id = m.id JOIN main.recovery_codes r ON r.user_id = m.id"
             " WHERE ?1 > 0 AND NOT EXISTS (SELECT 1 FROM present.recovery_codes p"
             " WHERE p.user_id = r.user_id AND p.mac = r.mac) GROUP BY m.id"},
    {"identity", "SELECT m.email || ' at ' || i.issuer, 'stays unlinked' FROM main.identities i"
                 " JOIN main.users m ON m.id = i.user_id JOIN present.users u ON u.id = m.id"
                 " WHERE ?1 > 0 AND NOT EXISTS (SELECT 1 FROM present.identities p WHERE"
                 " p.issuer = i.issuer AND p.subject = i.subject AND p.user_id = i.user_id)"},
    {"workload rule", "SELECT m.email || ' by ' || w.provider || ' ' || w.claims, 'stays removed'"
                      " FROM main.workload_rules w JOIN main.users m ON m.id = w.user_id"
                      " JOIN present.users u ON u.id = m.id WHERE ?1 > 0"
                      " AND w.id NOT IN (SELECT id FROM present.workload_rules)"},
    {"attempts",
     "SELECT '', iif(count(*) = 1, '1 address stays', count(*) || ' addresses stay') || ' locked'"
     " FROM present.attempts p LEFT JOIN main.attempts m ON m.address = p.address"
     " WHERE p.blocked_until > ?1 AND coalesce(m.blocked_until, 0) <= ?1"
     " HAVING count(*) > 0"},
    {"sessions", "SELECT '', iif(count(*) = 1, '1 stays', count(*) || ' stay') || ' ended'"
                 " FROM main.sessions m JOIN present.sessions p ON p.id = m.id"
                 " WHERE m.revoked_at IS NULL AND p.revoked_at IS NOT NULL AND m.expires_at > ?1"
                 " HAVING count(*) > 0"},
});

constexpr std::string_view in_both =
    "user_id IN (SELECT m.id FROM main.users m JOIN present.users p ON p.id = m.id)";

// "a, b": by name, as the order of columns may differ.
std::string columns_of(Database& database, std::string_view table, std::string_view but = {}) {
    std::string out;
    for (const TableColumn& column : database.columns(table))
        if (column.name != but)
            out += (out.empty() ? "" : ", ") + column.name;
    return out;
}

void replace_all(Database& database, std::string_view table) {
    database.execute(
        fmt::format("DELETE FROM main.{0}; INSERT INTO main.{0} ({1}) SELECT {1} FROM present.{0}",
                    table, columns_of(database, table)));
}

void add_missing(Database& database, std::string_view table) {
    database.execute(
        fmt::format("INSERT OR IGNORE INTO main.{0} ({1}) SELECT {1} FROM present.{0} WHERE {2}",
                    table, columns_of(database, table), in_both));
}

// The times are those of now; what a key is, the backup may know better.
void take_keys(Database& database) {
    database.execute(
        "DELETE FROM main.signing_keys WHERE kid NOT IN (SELECT kid FROM present.signing_keys);"
        "UPDATE main.signing_keys AS m SET signs_until = p.signs_until,"
        " verifies_until = p.verifies_until, last_expiry = p.last_expiry,"
        " revoked_at = p.revoked_at, issuer = p.issuer,"
        " sealed_jwk = iif(p.sealed_jwk IS NULL, NULL, m.sealed_jwk)"
        " FROM present.signing_keys AS p WHERE p.kid = m.kid");
    const std::string columns = columns_of(database, "signing_keys", "seq");
    database.execute(fmt::format("INSERT INTO main.signing_keys ({0}) SELECT {0}"
                                 " FROM present.signing_keys WHERE kid NOT IN"
                                 " (SELECT kid FROM main.signing_keys) ORDER BY seq",
                                 columns));
}

void take_users(Database& database) {
    database.execute(
        "UPDATE main.users AS m SET"
        " disabled_reason = iif(p.disabled_at IS NULL, m.disabled_reason, p.disabled_reason),"
        " disabled_at = coalesce(p.disabled_at, m.disabled_at),"
        " must_change_password = p.must_change_password,"
        " verified_at = iif(p.email_key = m.email_key, p.verified_at, m.verified_at),"
        " session_epoch = max(p.session_epoch, m.session_epoch)"
        " FROM present.users AS p WHERE p.id = m.id");
}

// A hash that was altered without a change of the password is what a restore is for.
void take_passwords(Database& database) {
    database.execute(fmt::format(
        "DELETE FROM main.passwords WHERE {0} AND NOT EXISTS (SELECT 1 FROM present.passwords p"
        " WHERE p.user_id = passwords.user_id AND p.changed_at <= passwords.changed_at)",
        in_both));
    add_missing(database, "passwords");
    // Else the next import of a file would undo what was chosen since.
    database.execute(fmt::format("DELETE FROM main.imported_credentials WHERE {}", in_both));
    add_missing(database, "imported_credentials");
}

void take_factors(Database& database) {
    database.execute(fmt::format(
        "DELETE FROM main.totp WHERE {0} AND NOT EXISTS (SELECT 1 FROM present.totp p WHERE"
        " p.user_id = totp.user_id AND p.state = totp.state AND p.changed_at = totp.changed_at);"
        "UPDATE main.totp AS m SET last_step = max(m.last_step, p.last_step)"
        " FROM present.totp AS p WHERE p.user_id = m.user_id AND p.state = m.state;"
        "DELETE FROM main.recovery_codes WHERE {0}",
        in_both));
    add_missing(database, "totp");
    add_missing(database, "recovery_codes");
}

void take_workloads(Database& database) {
    database.execute(fmt::format("DELETE FROM main.workload_rules WHERE {} AND id NOT IN"
                                 " (SELECT id FROM present.workload_rules);"
                                 "INSERT OR IGNORE INTO main.used_id_tokens (digest, usable_until)"
                                 " SELECT digest, usable_until FROM present.used_id_tokens",
                                 in_both));
}

std::int64_t live_sessions(Database& database, std::string_view where, Time now) {
    return database
        .prepare(fmt::format("SELECT count(*) FROM {} AND revoked_at IS NULL AND expires_at > ?1",
                             where))
        .with(now)
        .first([](const Statement& at) { return at.integer(0); })
        .value_or(0);
}

std::int64_t take_sessions(Database& database, Time now) {
    const std::int64_t ended =
        live_sessions(database, "main.sessions WHERE id NOT IN (SELECT id FROM present.sessions)",
                      now) +
        live_sessions(database, "present.sessions WHERE user_id NOT IN (SELECT id FROM main.users)",
                      now);
    database.execute("DELETE FROM main.sessions WHERE id IN (SELECT id FROM present.sessions)");
    database
        .prepare("UPDATE main.sessions SET revoked_at = ?1, revoke_reason = 'restored'"
                 " WHERE revoked_at IS NULL")
        .with(now)
        .run();
    add_missing(database, "sessions");
    return ended;
}

} // namespace

std::vector<Change> kept(Database& database, Time now) {
    std::vector<Change> out;
    for (const Kept& kind : kept_rows) {
        Statement& rows = database.prepare(kind.rows);
        for (rows.with(now); rows.step();)
            out.push_back({std::string(kind.object), rows.text(0), rows.text(1)});
        rows.reset();
    }
    return out;
}

std::int64_t take(Database& database, Time now) {
    take_keys(database);
    take_users(database);
    take_passwords(database);
    take_factors(database);
    database.execute(fmt::format(
        "DELETE FROM main.identities WHERE {} AND NOT EXISTS (SELECT 1 FROM present.identities p"
        " WHERE p.issuer = identities.issuer AND p.subject = identities.subject"
        " AND p.user_id = identities.user_id)",
        in_both));
    take_workloads(database);
    add_missing(database, "login_places");
    replace_all(database, "attempts");
    replace_all(database, "code_requests");
    return take_sessions(database, now);
}

void take_trail(Database& database) {
    replace_all(database, "audit");
    replace_all(database, "audit_lanes");
    replace_all(database, "audit_archives");
}

std::vector<std::string> returned_addresses(Database& database) {
    std::vector<std::string> out;
    for (Statement& rows = database.prepare("SELECT email_key FROM main.users"
                                            " WHERE id NOT IN (SELECT id FROM present.users)");
         rows.step();)
        out.push_back(rows.text(0));
    return out;
}

std::vector<Change> void_codes(Database& database, Time now) {
    constexpr std::string_view whose = "user_id NOT IN (SELECT id FROM present.users)";
    std::vector<Change> out;
    Statement& rows =
        database.prepare(fmt::format("SELECT email FROM main.users WHERE id IN (SELECT user_id FROM"
                                     " main.recovery_codes WHERE {}) ORDER BY email",
                                     whose));
    while (rows.step())
        out.push_back({"user", rows.text(0), "needs new recovery codes"});
    rows.reset();
    database.execute(fmt::format("DELETE FROM main.recovery_codes WHERE {}", whose));
    // A code is accepted one step early.
    database
        .prepare(fmt::format("UPDATE main.totp SET last_step = max(last_step, ?1 / period + 1)"
                             " WHERE {}",
                             whose))
        .with(now)
        .run();
    return out;
}

void retire_keys(Database& database, Time now) {
    database
        .prepare("UPDATE main.signing_keys SET signs_until = min(coalesce(signs_until, ?1), ?1),"
                 " verifies_until = min(coalesce(verifies_until, ?1), ?1), sealed_jwk = NULL"
                 " WHERE issuer = '' AND revoked_at IS NULL")
        .with(now)
        .run();
}

} // namespace auth::carry_over_table
