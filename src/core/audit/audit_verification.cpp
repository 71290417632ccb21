// Walks the trail once, in order of number, in little memory however long the trail is.
#include "core/audit/audit_table.h"
#include "core/audit/audit_walk.h"

#include <cstdint>
#include <future>
#include <utility>

namespace auth {
namespace {

constexpr std::int64_t rows_a_page = 4096;

} // namespace

// Rows are hashed in another thread while the next are read.
AuditCheck verify_audit(Database& database) {
    const Snapshot snapshot(database);
    AuditCheck check;
    const auto archive = audit_archives_table::newest(database);
    AuditWalk walk(archive ? archive->ends : LaneEnds());
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
            check.problem = walk.see(rows);
        else
            seen = std::async(std::launch::async,
                              [&walk, rows = std::move(rows)] { return walk.see(rows); });
    }
    const std::vector<AuditLane> ends = audit_table::lanes(database);
    if (check.problem.empty())
        check.problem = walk.finish(ends);
    return check;
}

} // namespace auth
