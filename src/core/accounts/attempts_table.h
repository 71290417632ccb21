#pragma once

#include "core/accounts/lockout.h"

namespace auth::attempts_table {

[[nodiscard]] Attempts find(Database& database, std::string_view address);
void put(Database& database, std::string_view address, const Attempts& attempts);
void remove(Database& database, std::string_view address);
// Whether anybody at all must wait.
[[nodiscard]] bool any_blocked(Database& database, Time now);

} // namespace auth::attempts_table
