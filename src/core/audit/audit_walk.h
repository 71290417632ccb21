// Follows the chains of the trail row by row, in order of number: numbers ascend in every lane, so
// that one reader with the end of each lane is enough, however long the trail is.
#pragma once

#include "core/audit/audit_archives_table.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace auth {

// Whether the row's hash covers all that it says. Not that of a row from before details had
// digests, once its detail was erased.
[[nodiscard]] bool is_provable(const AuditRow& row);
// Whether the row says what it said when it was chained behind that hash; what cannot be proved any
// more passes.
[[nodiscard]] bool is_whole(Sha256& digest, std::string_view previous, const AuditRow& row);

class AuditWalk {
  public:
    // From the first row, or from behind those rows.
    explicit AuditWalk(const LaneEnds& starts = {});

    // The hash that the next row of the lane follows.
    [[nodiscard]] const std::string& hash_before(std::int64_t lane);
    // What is wrong with the row, or with the first of the rows that is not as it was; or nothing.
    [[nodiscard]] std::string see(const AuditRow& row);
    [[nodiscard]] std::string see(const std::vector<AuditRow>& rows);
    // The last row of each lane so far.
    [[nodiscard]] LaneEnds ends() const;
    // What is wrong once there are no more rows; `said` are the ends of the lanes.
    [[nodiscard]] std::string finish(const std::vector<AuditLane>& said);
    // Goes on behind rows that were not seen.
    void skip_to(const LaneEnds& ends);

  private:
    [[nodiscard]] std::string check(const AuditRow& row);
    [[nodiscard]] AuditLane& end_of(std::int64_t lane);
    void note_erasure(const AuditRow& row);

    std::map<std::int64_t, AuditLane> ends_;
    std::int64_t last_seq_ = 0;
    Sha256 digest_;
    // Rows whose details are gone, by their targets, until the deletion that explains them comes.
    std::map<std::string, std::int64_t> unexplained_;
};

} // namespace auth
