// Walks the trail once, in order of number. Numbers ascend in every lane, so that one reader that
// keeps the end of each lane is enough, in little memory however long the trail is.
#include "core/audit/audit_chain.h"
#include "core/audit/audit_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <future>
#include <map>
#include <utility>

namespace auth {
namespace {

constexpr std::int64_t rows_a_page = 4096;

bool is_erased(const AuditRow& row) {
    return !row.salt && row.detail == erased_detail;
}

// Rows whose details are gone, by their targets, until the deletion that explains them comes.
class Erasures {
  public:
    void see(const AuditRow& row) {
        if (row.event == deletion_event && row.result == "ok")
            unexplained_.erase(row.target);
        else if (is_erased(row))
            unexplained_.try_emplace(row.target, row.seq);
    }
    [[nodiscard]] std::string problem() const {
        const auto first = std::ranges::min_element(unexplained_, {},
                                                    [](const auto& entry) { return entry.second; });
        return first != unexplained_.end() ? fmt::format("row {} was erased", first->second) : "";
    }

  private:
    std::map<std::string, std::int64_t> unexplained_;
};

// Whether the row says what it said when it was chained.
bool is_whole(Sha256& digest, std::string_view previous, const AuditRow& row) {
    if (row.salt && digest(*row.salt + row.detail) != row.digest)
        return false;
    if (row.digest && !row.salt && !is_erased(row))
        return false;
    // What else a row from before digests said cannot be told any more once its detail was erased.
    const bool unprovable = !row.digest && is_erased(row) && row.lane == 0 && row.place == row.seq;
    return unprovable || digest(chained(previous, row)) == row.hash;
}

class Walk {
  public:
    // What is wrong with the first of the next rows that is not as it was, or nothing.
    std::string see(std::vector<AuditRow> rows) {
        for (AuditRow& row : rows) {
            AuditLane& end = end_of(row.lane);
            if (std::string problem = check(end, row); !problem.empty())
                return problem;
            erasures_.see(row);
            end = {row.lane, row.place, row.seq, std::move(row.hash)};
        }
        return "";
    }

    // What is wrong once there are no more rows, where the lanes should end so.
    std::string finish(const std::vector<AuditLane>& ends) {
        for (const AuditLane& lane : ends)
            end_of(lane.lane); // all of whose rows may be gone
        for (const auto& [number, seen] : seen_) {
            const auto found = std::ranges::find(ends, number, &AuditLane::lane);
            const AuditLane said = found != ends.end() ? *found : new_lane(number);
            if (seen.place != said.place || seen.seq != said.seq || seen.hash != said.hash)
                return fmt::format("{} ends at row {}, its head says {}", name_of(number),
                                   seen.place, said.place);
        }
        return erasures_.problem();
    }

  private:
    static std::string name_of(std::int64_t lane) {
        return lane == 0 ? "the trail" : fmt::format("lane {} of the trail", lane);
    }
    std::string check(const AuditLane& end, const AuditRow& row) {
        if (row.place > end.place + 1)
            return fmt::format("row {}{} is missing", end.place + 1,
                               row.lane == 0 ? "" : fmt::format(" of lane {}", row.lane));
        if (row.place < end.place + 1)
            return fmt::format("row {} was moved", row.seq);
        return is_whole(digest_, end.hash, row) ? "" : fmt::format("row {} was altered", row.seq);
    }
    AuditLane& end_of(std::int64_t lane) {
        if (const auto found = seen_.find(lane); found != seen_.end())
            return found->second;
        return seen_.emplace(lane, new_lane(lane)).first->second;
    }

    std::map<std::int64_t, AuditLane> seen_; // the last row of each lane
    Sha256 digest_;
    Erasures erasures_;
};

} // namespace

// Rows are hashed in another thread while the next are read.
AuditCheck verify_audit(Database& database) {
    const Snapshot snapshot(database);
    AuditCheck check;
    Walk walk;
    std::future<std::string> seen;
    std::int64_t next = INT64_MIN; // a row that was slipped in may have any number
    for (bool ended = false; !ended && check.problem.empty();) {
        std::vector<AuditRow> rows = audit_table::page(database, {}, next, rows_a_page);
        check.rows += static_cast<std::int64_t>(rows.size());
        ended = std::ssize(rows) < rows_a_page || rows.back().seq == INT64_MAX;
        if (!ended)
            next = rows.back().seq + 1;
        if (seen.valid())
            check.problem = seen.get();
        if (!check.problem.empty())
            break;
        if (ended)
            check.problem = walk.see(std::move(rows));
        else
            seen = std::async(std::launch::async, [&walk, rows = std::move(rows)]() mutable {
                return walk.see(std::move(rows));
            });
    }
    const std::vector<AuditLane> ends = audit_table::lanes(database);
    if (check.problem.empty())
        check.problem = walk.finish(ends);
    return check;
}

} // namespace auth
