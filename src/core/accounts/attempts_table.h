// Table attempts: failed attempts to prove an address, and until when it must wait.
#pragma once

#include "core/accounts/lockout.h"

#include <span>
#include <unordered_map>

namespace auth::attempts_table {

[[nodiscard]] Attempts find(Database& database, std::string_view address);
// As Statement::expect, for find() and any_blocked().
void expect(Database& database, std::string_view address);
void expect_any_blocked(Database& database, Time now);
void put(Database& database, std::string_view address, const Attempts& attempts);
// Failures in a row are forgotten, and these as well. A lock by failed second factors goes with
// them alone, since no reset proves a second factor.
struct Forgiven {
    bool codes = false;
    bool factors = false;
};
void forgive(Database& database, std::string_view address, const Forgiven& forgiven);
void remove(Database& database, std::string_view address);
// The address is nobody's any more; what was counted for it stays.
void release(Database& database, std::string_view address);
// Whether anybody at all may have to wait.
[[nodiscard]] bool any_blocked(Database& database, Time now);
// Who of them must wait, and until when; at most 1000 addresses.
[[nodiscard]] std::unordered_map<std::string, Time>
blocked(Database& database, std::span<const std::string> addresses, Time now);

} // namespace auth::attempts_table
