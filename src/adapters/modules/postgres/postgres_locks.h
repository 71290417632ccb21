// The locks of a transaction, as a server takes them. All writers share the lock of the table
// write_lock, unless one of them locks everything; keys are advisory locks besides.
#pragma once

#include "core/store/locks.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

inline constexpr std::string_view lock_shared = "LOCK TABLE write_lock IN ROW SHARE MODE";
inline constexpr std::string_view lock_everything = "LOCK TABLE write_lock IN EXCLUSIVE MODE";

// Numbers of advisory locks, in the order in which every process takes them. Two keys may have the
// same number: their transactions take turns for nothing.
[[nodiscard]] std::vector<std::int64_t> lock_numbers(const Locks& locks);

// Those numbers as a statement; "" for none.
[[nodiscard]] std::string lock_command(const std::vector<std::int64_t>& numbers);

} // namespace auth
