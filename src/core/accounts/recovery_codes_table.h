// Table recovery_codes: the unused recovery codes of each user, as MACs.
#pragma once

#include "core/store/database.h"

#include <string_view>

namespace auth::recovery_codes_table {

void add(Database& database, std::string_view user_id, std::string_view mac);
[[nodiscard]] bool contains(Database& database, std::string_view user_id, std::string_view mac);
[[nodiscard]] std::int64_t count(Database& database, std::string_view user_id);
// False where it is no longer there.
[[nodiscard]] bool remove(Database& database, std::string_view user_id, std::string_view mac);
void remove_all(Database& database, std::string_view user_id);

} // namespace auth::recovery_codes_table
