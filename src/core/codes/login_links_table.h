// Table links: the login links that were sent.
#pragma once

#include "core/codes/login_link.h"
#include "core/store/database.h"

namespace auth::links_table {

// In place of the user's earlier one.
void put(Database& database, const StoredLink& link);
[[nodiscard]] std::optional<StoredLink> find(Database& database, std::string_view mac);
// False where it is no longer there.
[[nodiscard]] bool remove(Database& database, std::string_view mac);
void remove_all(Database& database, std::string_view user_id);
void remove_all(Database& database); // of all users

} // namespace auth::links_table
