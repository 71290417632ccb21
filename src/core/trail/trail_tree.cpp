#include "core/trail/trail_tree.h"

#include "core/store/meta_table.h"

#include <fmt/format.h>

namespace auth {

Status TrailTree::row(const AuditRow& row, const std::string& previous) {
    (void)previous;
    if (row.seq > last_seq_)
        return {};
    tree_.add(row.hash);
    ends_[row.lane] = {row.lane, row.place, row.seq, row.hash};
    newest_seq_ = row.seq;
    return {};
}

Status TrailTree::gap(const AuditArchive& archive) {
    const auto nodes = nodes_from(archive.subtrees);
    if (!nodes)
        return fail(
            ErrorCode::database_corrupt,
            fmt::format("what the database knows of audit archive {} was altered", archive.number));
    tree_.add(*nodes);
    for (const AuditLane& end : archive.ends)
        ends_[end.lane] = end;
    newest_seq_ = archive.last_seq;
    return {};
}

Result<Checkpoint> TrailTree::checkpoint(Realm& realm) {
    AUTH_TRY(const auto meta, meta_table::load(realm.database));
    Checkpoint out{.issuer = {},
                   .database_id = meta.database_id,
                   .at = realm.now(),
                   .size = static_cast<std::int64_t>(tree_.size()),
                   .root = tree_.root(),
                   .last_seq = newest_seq_};
    for (const auto& [lane, end] : ends_)
        out.lanes.push_back(end);
    return out;
}

} // namespace auth
