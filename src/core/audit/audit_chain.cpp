#include "core/audit/audit_chain.h"

#include "core/base/encoding.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

constexpr std::size_t digest_bytes = 32;

} // namespace

std::int64_t lane_of(std::string_view target, std::string_view event, int lanes) {
    if (lanes == 1)
        return 0;
    const std::string digest = sha256(target.empty() ? event : target);
    return static_cast<unsigned char>(digest.front()) % lanes;
}

std::string chained(std::string_view previous, const AuditRow& row) {
    const std::string detail = row.digest ? to_hex(*row.digest) : row.detail;
    std::string text(previous);
    text += fmt::format("[{},{}", row.seq, unix_seconds(row.at));
    for (const std::string* field : {&row.actor, &row.event, &row.target, &row.result, &detail}) {
        text += ',';
        if (valid_utf8(*field))
            append_json_string(text, *field);
        else
            text += Json(*field).dump(-1, ' ', false, Json::error_handler_t::replace);
    }
    if (row.lane != 0 || row.place != row.seq)
        text += fmt::format(",{},{}", row.lane, row.place);
    return text += ']';
}

AuditLane new_lane(std::int64_t lane) {
    return {lane, 0, 0, std::string(digest_bytes, '\0')};
}

AuditHead head_of(std::span<const AuditLane> lanes) {
    AuditHead head{.rows = 0, .seq = 0, .hash = new_lane(0).hash};
    bool left_lane_0 = false;
    std::string ends;
    for (const AuditLane& lane : lanes) {
        if (lane.place == 0)
            continue;
        head.rows += lane.place;
        head.seq = std::max(head.seq, lane.seq);
        head.hash = lane.hash;
        left_lane_0 = left_lane_0 || lane.lane != 0;
        ends += fmt::format(R"({}[{},{},"{}"])", ends.empty() ? "" : ",", lane.lane, lane.place,
                            to_hex(lane.hash));
    }
    // A trail that never left lane 0 keeps the head it had before there were lanes.
    if (left_lane_0)
        head.hash = sha256(fmt::format("[{}]", ends));
    return head;
}

} // namespace auth
