// Table roles: the roles and their descriptions.
#pragma once

#include "core/users/roles.h"

namespace auth::roles_table {

[[nodiscard]] std::vector<Role> list(Database& database);
// Names and descriptions alone, without counting users; at most `limit`.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> names(Database& database,
                                                                     std::int64_t limit);
[[nodiscard]] std::optional<Role> find(Database& database, std::string_view name);
// Without counting users.
[[nodiscard]] bool exists(Database& database, std::string_view name);
// As Statement::expect, for exists().
void expect_exists(Database& database, std::string_view name);
void insert(Database& database, const Role& role);
void describe(Database& database, std::string_view name, std::string_view description);
void remove(Database& database, std::string_view name);

} // namespace auth::roles_table
