#include "core/accounts/hash_census_table.h"

namespace auth::hash_census_table {
namespace {

HashStrength parse_strength(std::string_view name) {
    for (const auto strength : {HashStrength::fair, HashStrength::strong})
        if (name == to_name(strength))
            return strength;
    return HashStrength::weak;
}

Statement& ask_due(Database& database) {
    return database.prepare("SELECT 1 FROM meta WHERE name = 'hash_census'");
}

Statement& ask(Database& database) {
    return database.prepare("SELECT scheme, cost, strength, unit, amount, microseconds, users"
                            " FROM hash_census WHERE users > 0 ORDER BY users DESC, scheme, cost");
}

} // namespace

std::vector<Row> list(Database& database) {
    Statement& rows = ask(database);
    std::vector<Row> out;
    while (rows.step()) {
        HashInfo kind{rows.text(0), rows.text(1)};
        kind.strength = parse_strength(rows.text(2));
        kind.work = {rows.text(3), static_cast<std::uint64_t>(rows.integer(4)),
                     static_cast<std::uint64_t>(rows.integer(5))};
        out.push_back({std::move(kind), rows.integer(6)});
    }
    return out;
}

void add(Database& database, const Row& row) {
    const auto& [kind, users] = row;
    const auto amount = static_cast<std::int64_t>(kind.work.amount);
    database
        .prepare("INSERT INTO hash_census"
                 " (scheme, cost, strength, unit, amount, microseconds, users)"
                 " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7"
                 " WHERE NOT EXISTS (SELECT 1 FROM meta WHERE name = 'hash_census')"
                 " ON CONFLICT (scheme, cost, unit, amount)"
                 " DO UPDATE SET users = hash_census.users + excluded.users")
        .with(kind.scheme, kind.cost, to_name(kind.strength), kind.work.unit, amount,
              static_cast<std::int64_t>(kind.work.microseconds), users)
        .run();
}

bool due(Database& database) {
    return ask_due(database).any();
}

void expect(Database& database) {
    ask_due(database).expect();
    ask(database).expect();
}

void clear(Database& database) {
    database.prepare("DELETE FROM hash_census").run();
    database.prepare("DELETE FROM meta WHERE name = 'hash_census'").run();
}

} // namespace auth::hash_census_table
