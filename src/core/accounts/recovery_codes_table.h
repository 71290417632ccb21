// Table recovery_codes: the unused recovery codes of each user, as MACs.
#pragma once

#include "core/store/database.h"

#include <string_view>

namespace auth::recovery_codes_table {

// `set_by` as of passwords.
void add(Database& database, std::string_view user_id, std::string_view mac,
         std::string_view set_by);
[[nodiscard]] bool contains(Database& database, std::string_view user_id, std::string_view mac);
[[nodiscard]] std::int64_t count(Database& database, std::string_view user_id);
// False where it is no longer there.
[[nodiscard]] bool remove(Database& database, std::string_view user_id, std::string_view mac);
void remove_all(Database& database, std::string_view user_id);
// Those that a person had made before the address was proved; says how many.
std::int64_t remove_unproved(Database& database, std::string_view user_id);
// They were proved to be of who proved the address.
void vouch(Database& database, std::string_view user_id);

} // namespace auth::recovery_codes_table
