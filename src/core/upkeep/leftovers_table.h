// Rows of all tables that are of no use any more, or that should not be there.
#pragma once

#include "core/store/database.h"

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace auth::upkeep_table {

// Until when rows are looked at depends on what they are.
struct Limits {
    Time now;
    Seconds session_max; // for so long an ended session is remembered
};

struct Kind {
    std::string_view code;  // "expired_rows"
    std::string_view table; // "codes"
    std::string_view what;  // "codes that expired more than a day ago"
    bool fault;             // they cannot come of themselves: somebody wrote to the tables
};
[[nodiscard]] std::span<const Kind> kinds();
// `kind` is one of kinds().
[[nodiscard]] std::int64_t count(Database& database, const Kind& kind, const Limits& limits);
// Removes them, or lets go of what they hold; says how many there were. Call inside a Transaction.
std::int64_t mend(Database& database, const Kind& kind, const Limits& limits);

// The newest time that each table has, where it has one at all: "audit", "users" and so on.
[[nodiscard]] std::vector<std::pair<std::string, Time>> newest(Database& database);
// Addresses that may not try before `until`, or later.
[[nodiscard]] std::int64_t blocked(Database& database, Time until);

} // namespace auth::upkeep_table
