#include "core/upkeep/leftovers_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace auth::upkeep_table {
namespace {

constexpr Seconds day{86400};
constexpr Seconds hour{3600};
constexpr Seconds month = 30 * day;

// What ?1 stands for in a condition.
enum class Bound { none, day_ago, month_ago, session_max_ago, now, in_an_hour };

struct Rule {
    Kind kind;
    std::string_view where;
    Bound bound;
    bool claim = false; // the row stays, its claim goes
};

constexpr std::string_view no_user =
    "user_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM users WHERE users.id = user_id)";
constexpr std::string_view no_role = "NOT EXISTS (SELECT 1 FROM roles WHERE roles.name = role)";

constexpr Rule orphans(std::string_view table, std::string_view what) {
    return {{"orphan_rows", table, what, true}, no_user, Bound::none};
}

constexpr auto rules = std::to_array<Rule>({
    {{"expired_rows", "codes", "codes that expired more than a day ago", false},
     "expires_at < ?1",
     Bound::day_ago},
    {{"expired_rows", "links", "links that expired more than a day ago", false},
     "expires_at < ?1",
     Bound::day_ago},
    {{"expired_rows", "code_requests", "requests for codes of more than a day ago", false},
     "requested_at < ?1",
     Bound::day_ago},
    {{"expired_rows", "used_id_tokens", "used ID tokens that expired more than a day ago", false},
     "usable_until < ?1",
     Bound::day_ago},
    // Neither locks nor wrong second factors, which only the user's own acts or unlock forget.
    {{"expired_rows", "attempts", "failed attempts of more than 30 days ago, short of a lock",
      false},
     "blocked_until > 0 AND blocked_until < ?1 AND open_until < ?1 AND failures < 100 AND "
     "code_failures < 100"
     " AND factor_failures = 0",
     Bound::month_ago},
    {{"expired_rows", "sessions", "sessions that ended longer ago than session.max", false},
     "expires_at < ?1",
     Bound::session_max_ago},
    {{"stale_claims", "outbox", "mails that a process was sending when it died", false},
     "state = 'kept' AND claimed_until <= ?1",
     Bound::now,
     true},
    {{"stuck_claims", "outbox", "mails that nobody may send for more than an hour", true},
     "state = 'kept' AND claimed_until > ?1",
     Bound::in_an_hour,
     true},
    orphans("passwords", "passwords of users who are not there"),
    orphans("sessions", "sessions of users who are not there"),
    orphans("codes", "codes of users who are not there"),
    orphans("links", "links of users who are not there"),
    orphans("outbox", "mails of users who are not there"),
    orphans("totp", "second factors of users who are not there"),
    orphans("recovery_codes", "recovery codes of users who are not there"),
    orphans("login_places", "places of users who are not there"),
    orphans("applied_users", "manifests' notes on users who are not there"),
    orphans("imported_credentials", "imports' notes on users who are not there"),
    orphans("workload_rules", "rules for workloads of users who are not there"),
    orphans("user_roles", "roles of users who are not there"),
    {{"orphan_rows", "user_roles", "users' roles that are not there", true}, no_role, Bound::none},
    {{"orphan_rows", "applied_roles", "manifests' notes on roles that are not there", true},
     no_role,
     Bound::none},
});

constexpr auto all_kinds = [] {
    std::array<Kind, rules.size()> out{};
    for (std::size_t i = 0; i < rules.size(); ++i)
        out[i] = rules[i].kind;
    return out;
}();

const Rule& rule_of(const Kind& kind) {
    return *std::ranges::find_if(rules, [&](const Rule& rule) {
        return rule.kind.table == kind.table && rule.kind.what == kind.what;
    });
}

Statement& prepared(Database& database, std::string_view act, const Rule& rule,
                    const Limits& limits) {
    Statement& statement =
        database.prepare(fmt::format(fmt::runtime(act), rule.kind.table, rule.where));
    switch (rule.bound) {
    case Bound::none:
        break;
    case Bound::day_ago:
        statement.with(limits.now - day);
        break;
    case Bound::month_ago:
        statement.with(limits.now - month);
        break;
    case Bound::session_max_ago:
        statement.with(limits.now - limits.session_max);
        break;
    case Bound::now:
        statement.with(limits.now);
        break;
    case Bound::in_an_hour:
        statement.with(limits.now + hour);
        break;
    }
    return statement;
}

} // namespace

std::span<const Kind> kinds() {
    return all_kinds;
}

std::int64_t count(Database& database, const Kind& kind, const Limits& limits) {
    return prepared(database, "SELECT count(*) FROM {} WHERE {}", rule_of(kind), limits)
        .first([](const Statement& row) { return row.integer(0); })
        .value_or(0);
}

std::int64_t mend(Database& database, const Kind& kind, const Limits& limits) {
    const Rule& rule = rule_of(kind);
    prepared(database,
             rule.claim ? "UPDATE {} SET claimed_until = NULL WHERE {}" : "DELETE FROM {} WHERE {}",
             rule, limits)
        .run();
    return database.changes();
}

std::vector<std::pair<std::string, Time>> newest(Database& database) {
    std::vector<std::pair<std::string, Time>> out;
    for (const auto& [table, column] : std::to_array<std::pair<std::string_view, std::string_view>>(
             {{"audit", "at"},
              {"users", "updated_at"},
              {"passwords", "changed_at"},
              {"sessions", "used_at"},
              {"codes", "issued_at"},
              {"outbox", "created_at"},
              {"signing_keys", "created_at"}})) {
        const auto time = database.prepare(fmt::format("SELECT max({}) FROM {}", column, table))
                              .first([](const Statement& row) { return row.optional_time(0); });
        if (time && *time)
            out.emplace_back(table, **time);
    }
    return out;
}

std::int64_t blocked(Database& database, Time until) {
    return database.prepare("SELECT count(*) FROM attempts WHERE blocked_until >= ?1")
        .with(until)
        .first([](const Statement& row) { return row.integer(0); })
        .value_or(0);
}

} // namespace auth::upkeep_table
