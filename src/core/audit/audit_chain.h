// How rows of the audit trail are chained. The trail has lanes, each a chain of its own: rows of
// different lanes are appended at once. PostgreSQL's append_audit (migration 0014) does the same.
#pragma once

#include "core/audit/audit.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace auth {

// The lane of new rows about the target, or of the event where there is no target.
[[nodiscard]] std::int64_t lane_of(std::string_view target, std::string_view event, int lanes);

// What the row's hash is the SHA-256 of: the hash before it in its lane, 32 bytes, and a JSON array
// of the row's number, time, actor, event, target, result and the hexadecimal digest of its detail.
// Lane and place follow where the row is not in lane 0 at the place of its number: as rows from
// before there were lanes.
[[nodiscard]] std::string chained(std::string_view previous, const AuditRow& row);

// The end of a lane without rows: what its first row follows.
[[nodiscard]] AuditLane new_lane(std::int64_t lane);

// What a row has in place of its detail once that was erased.
inline constexpr std::string_view erased_detail = R"({"erased":true})";

// Of the ends of the lanes, in order of lane. The digest is that of a JSON array of lane, place and
// hexadecimal hash of each, but for a trail that never left lane 0: there it is the hash itself.
[[nodiscard]] AuditHead head_of(std::span<const AuditLane> lanes);

} // namespace auth
