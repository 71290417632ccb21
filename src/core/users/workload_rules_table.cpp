#include "core/users/workload_rules_table.h"

#include "core/base/json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace auth::workload_rules_table {
namespace {

constexpr std::string_view listed_rules =
    "SELECT workload_rules.id, provider, user_id, claims, roles, ttl, workload_rules.created_at,"
    " email FROM workload_rules JOIN users ON users.id = user_id{} ORDER BY provider,"
    " email, claims";

WorkloadRule read_rule(const Statement& row) {
    return {row.text(0),
            row.text(1),
            row.text(2),
            Json::parse(row.text(3)).get<ClaimPatterns>(),
            Json::parse(row.text(4)).get<std::vector<std::string>>(),
            Seconds(row.integer(5)),
            row.time(6)};
}

} // namespace

void insert(Database& database, const WorkloadRule& rule) {
    database
        .prepare("INSERT INTO workload_rules (id, provider, user_id, claims, roles, ttl,"
                 " created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
        .with(rule.id, rule.provider, rule.user_id, Json(rule.claims).dump(),
              Json(rule.roles).dump(), std::int64_t{rule.ttl.count()}, rule.created_at)
        .run();
}

void remove(Database& database, std::string_view id) {
    database.prepare("DELETE FROM workload_rules WHERE id = ?1").with(id).run();
}

std::vector<WorkloadRule> of_provider(Database& database, std::string_view provider) {
    std::vector<WorkloadRule> out;
    for (Listed& each : list(database, provider))
        out.push_back(std::move(each.rule));
    return out;
}

std::vector<std::string> providers_of(Database& database, std::string_view user_id) {
    Statement& rows = database.prepare(
        "SELECT DISTINCT provider FROM workload_rules WHERE user_id = ?1 ORDER BY provider");
    std::vector<std::string> out;
    for (rows.with(user_id); rows.step();)
        out.push_back(rows.text(0));
    return out;
}

std::vector<Listed> list(Database& database, std::string_view provider) {
    Statement& rows =
        database.prepare(fmt::format(listed_rules, provider.empty() ? "" : " WHERE provider = ?1"));
    if (!provider.empty())
        rows.with(provider);
    std::vector<Listed> out;
    while (rows.step())
        out.push_back({read_rule(rows), rows.text(7)});
    return out;
}

} // namespace auth::workload_rules_table
