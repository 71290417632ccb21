#include "core/audit/audit_walk.h"

#include "core/audit/audit_chain.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

bool is_erased(const AuditRow& row) {
    return !row.salt && row.detail == erased_detail;
}

} // namespace

bool is_provable(const AuditRow& row) {
    return row.digest || !is_erased(row) || row.lane != 0 || row.place != row.seq;
}

bool is_whole(Sha256& digest, std::string_view previous, const AuditRow& row) {
    if (row.salt && digest(*row.salt + row.detail) != row.digest)
        return false;
    if (row.digest && !row.salt && !is_erased(row))
        return false;
    // Where the hash covers the detail itself, that is not the digest of another detail.
    if (!row.digest && !row.detail.starts_with('{'))
        return false;
    return !is_provable(row) || digest(chained(previous, row)) == row.hash;
}

AuditWalk::AuditWalk(const LaneEnds& starts) {
    skip_to(starts);
}

void AuditWalk::skip_to(const LaneEnds& ends) {
    for (const AuditLane& end : ends) {
        end_of(end.lane) = end;
        last_seq_ = std::max(last_seq_, end.seq);
    }
}

AuditLane& AuditWalk::end_of(std::int64_t lane) {
    if (const auto found = ends_.find(lane); found != ends_.end())
        return found->second;
    return ends_.emplace(lane, new_lane(lane)).first->second;
}

const std::string& AuditWalk::hash_before(std::int64_t lane) {
    return end_of(lane).hash;
}

std::string AuditWalk::see(const AuditRow& row) {
    std::string problem = check(row);
    note_erasure(row);
    end_of(row.lane) = {row.lane, row.place, row.seq, row.hash};
    last_seq_ = row.seq;
    return problem;
}

std::string AuditWalk::see(const std::vector<AuditRow>& rows) {
    for (const AuditRow& row : rows)
        if (std::string problem = see(row); !problem.empty())
            return problem;
    return "";
}

std::string AuditWalk::check(const AuditRow& row) {
    const AuditLane& end = end_of(row.lane);
    if (row.place > end.place + 1)
        return fmt::format("row {}{} is missing", end.place + 1,
                           row.lane == 0 ? "" : fmt::format(" of lane {}", row.lane));
    if (row.place < end.place + 1 || row.seq <= last_seq_)
        return fmt::format("row {} was moved", row.seq);
    return is_whole(digest_, end.hash, row) ? "" : fmt::format("row {} was altered", row.seq);
}

void AuditWalk::note_erasure(const AuditRow& row) {
    if (row.event == deletion_event && row.result == "ok")
        unexplained_.erase(row.target);
    else if (is_erased(row))
        unexplained_.try_emplace(row.target, row.seq);
}

LaneEnds AuditWalk::ends() const {
    LaneEnds out;
    for (const auto& [lane, end] : ends_)
        if (end.place > 0)
            out.push_back(end);
    return out;
}

std::string AuditWalk::finish(const std::vector<AuditLane>& said) {
    for (const AuditLane& lane : said)
        (void)end_of(lane.lane); // all of whose rows may be gone
    for (const auto& [number, seen] : ends_) {
        const auto found = std::ranges::find(said, number, &AuditLane::lane);
        const AuditLane end = found != said.end() ? *found : new_lane(number);
        if (seen != end)
            return fmt::format("{} ends at row {}, its head says {}",
                               number == 0 ? "the trail"
                                           : fmt::format("lane {} of the trail", number),
                               seen.place, end.place);
    }
    const auto first =
        std::ranges::min_element(unexplained_, {}, [](const auto& entry) { return entry.second; });
    return first != unexplained_.end() ? fmt::format("row {} was erased", first->second) : "";
}

} // namespace auth
