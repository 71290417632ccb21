#include "core/upkeep/differences_table.h"

#include <fmt/format.h>

#include <array>

namespace auth::differences_table {
namespace {

constexpr int most = 100;

// What is compared: {0} is the database's name in the connection.
struct Kind {
    std::string_view object;
    std::string_view rows; // selects id, name and value
};

constexpr auto kinds = std::to_array<Kind>({
    {"role", "SELECT r.user_id || ' ' || r.role AS id, r.role || ' of ' || u.email AS name,"
             " '' AS value FROM {0}.user_roles r JOIN {0}.users u ON u.id = r.user_id"},
    {"setting",
     "SELECT name AS id, name || ' = ' || value AS name, value AS value FROM {0}.settings"},
    {"key", "SELECT kid AS id, kid AS name, json_array(public_jwk, issuer, revoked_at IS NULL,"
            " signs_until IS NULL, hex(coalesce(sealed_jwk, ''))) AS value FROM {0}.signing_keys"},
    {"provider", "SELECT name AS id, name || ' (' || issuer || ')' AS name,"
                 " json_array(issuer, client_id, hex(coalesce(sealed_secret, '')), scope, domains,"
                 " redirect_path, auto_create, link_verified_email, workload) AS value"
                 " FROM {0}.providers"},
    {"user", "SELECT id, email AS name, json_array(email, username, verified_at IS NULL,"
             " disabled_at IS NULL, must_change_password) AS value FROM {0}.users"},
    {"password", "SELECT p.user_id AS id, u.email AS name, p.hash AS value"
                 " FROM {0}.passwords p JOIN {0}.users u ON u.id = p.user_id"},
    {"second factor", "SELECT t.user_id || ' ' || t.state AS id, u.email AS name,"
                      " hex(t.sealed_secret) AS value"
                      " FROM {0}.totp t JOIN {0}.users u ON u.id = t.user_id"},
    {"identity", "SELECT i.issuer || ' ' || i.subject AS id, u.email || ' at ' || i.issuer AS name,"
                 " i.user_id AS value FROM {0}.identities i JOIN {0}.users u ON u.id = i.user_id"},
    {"workload rule",
     "SELECT w.id AS id, u.email || ' by ' || w.provider || ' ' || w.claims AS name,"
     " json_array(w.provider, w.user_id, w.claims, w.roles, w.ttl) AS value"
     " FROM {0}.workload_rules w JOIN {0}.users u ON u.id = w.user_id"},
});

std::string query_of(const Kind& kind) {
    return fmt::format("SELECT coalesce(a.name, b.name), a.id IS NULL, b.id IS NULL, b.name"
                       " FROM ({}) a FULL JOIN ({}) b ON a.id = b.id"
                       " WHERE a.id IS NULL OR b.id IS NULL OR a.value <> b.value"
                       " ORDER BY 1, 2 LIMIT {}",
                       fmt::format(fmt::runtime(kind.rows), "main"),
                       fmt::format(fmt::runtime(kind.rows), "present"), most + 1);
}

std::string change_of(const Statement& row) {
    if (row.integer(1) != 0)
        return "removed";
    if (row.integer(2) != 0)
        return "added";
    return row.text(3) == row.text(0) ? "changed" : fmt::format("changed, was {}", row.text(3));
}

} // namespace

void attach(Database& database, const std::filesystem::path& present) {
    // An absolute path is none of the names that SQLite has a meaning for.
    database.prepare("ATTACH DATABASE ?1 AS present")
        .with(present.empty() ? ":memory:" : std::filesystem::absolute(present).string())
        .run();
    if (!present.empty())
        return;
    for (const char* table : {"users", "user_roles", "settings", "signing_keys", "providers",
                              "passwords", "totp", "identities", "workload_rules"})
        database.execute(
            fmt::format("CREATE TABLE present.{0} AS SELECT * FROM main.{0} WHERE false", table));
}

std::vector<Difference> find(Database& database) {
    std::vector<Difference> out;
    for (const Kind& kind : kinds) {
        int found = 0;
        Statement& rows = database.prepare(query_of(kind));
        for (; rows.step(); ++found)
            if (found < most)
                out.push_back({std::string(kind.object), rows.text(0), change_of(rows)});
            else
                out.push_back({std::string(kind.object), "more", "not listed"});
        rows.reset();
    }
    return out;
}

} // namespace auth::differences_table
