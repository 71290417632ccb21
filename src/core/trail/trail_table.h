// What archiving and following ask of the table audit.
#pragma once

#include "core/audit/audit.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace auth::trail_table {

[[nodiscard]] std::int64_t newest_seq(Database& database); // 0 without rows
// Of the rows that are not older.
[[nodiscard]] std::optional<std::int64_t> first_seq_since(Database& database, Time time);

// The rows up to a number.
struct Prefix {
    std::int64_t rows = 0;
    std::int64_t erased = 0; // details
    bool operator==(const Prefix&) const = default;
};
[[nodiscard]] Prefix prefix(Database& database, std::int64_t last_seq);
// Call inside a Transaction on everything.
void remove_prefix(Database& database, std::int64_t last_seq);
[[nodiscard]] bool has_row(Database& database, const AuditLane& row);

// Names of the open transactions that may have drawn a number; none where rows are committed in
// order of their numbers. On a standby, which cannot tell, one of them is standby_name.
[[nodiscard]] std::vector<std::string> writers(Database& database);
inline constexpr std::string_view standby_name = "standby";

} // namespace auth::trail_table
