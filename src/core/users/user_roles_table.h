// Table user_roles: which user has which role.
#pragma once

#include "core/store/database.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace auth::user_roles_table {

// For users who do not have the role; in bulk each by add().
void add(Database& database, std::string_view user_id, std::string_view role);
[[nodiscard]] std::unique_ptr<BulkInsert> bulk_insert(Database& database);
// Both say whether anything changed.
[[nodiscard]] bool grant(Database& database, std::string_view user_id, std::string_view role);
[[nodiscard]] bool revoke(Database& database, std::string_view user_id, std::string_view role);
// The roles of those who have any, in order of name.
[[nodiscard]] std::unordered_map<std::string, std::vector<std::string>>
roles_of(Database& database, std::span<const std::string_view> user_ids);
void expect_roles_of(Database& database, std::span<const std::string_view> user_ids);

} // namespace auth::user_roles_table
