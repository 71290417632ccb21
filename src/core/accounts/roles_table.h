#pragma once

#include "core/accounts/roles.h"

namespace auth::roles_table {

[[nodiscard]] std::vector<Role> list(Database& database);
[[nodiscard]] std::optional<Role> find(Database& database, std::string_view name);
void insert(Database& database, const Role& role);
void describe(Database& database, std::string_view name, std::string_view description);
void remove(Database& database, std::string_view name);

} // namespace auth::roles_table
