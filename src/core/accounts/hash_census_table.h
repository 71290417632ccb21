// Table hash_census: how many users have a password hash of each kind.
#pragma once

#include "core/passwords/password.h"
#include "core/store/database.h"

#include <vector>

namespace auth::hash_census_table {

// A kind of hash, and how many users have one; the kind's test_cost is not kept.
struct Row {
    HashInfo kind;
    std::int64_t users = 0;
};

// Kinds that somebody has, the most users first.
[[nodiscard]] std::vector<Row> list(Database& database);
// As Statement::expect, for due() and list().
void expect(Database& database);
// Adds to the count of a kind, or takes away, unless the count is due anyway.
void add(Database& database, const Row& row);

// After a migration: nothing has been counted yet.
[[nodiscard]] bool due(Database& database);
void clear(Database& database); // forgets all counts; nothing is due any more

} // namespace auth::hash_census_table
