#include "core/trail/follow.h"

#include "core/audit/audit_archives_table.h"
#include "core/audit/audit_table.h"
#include "core/trail/trail_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

constexpr std::int64_t rows_in_page = 512;
constexpr std::chrono::milliseconds idle{1000};
constexpr std::chrono::milliseconds unsettled{50};

} // namespace

Follower::Follower(Realm& realm, AuditFilter filter, std::optional<std::int64_t> after)
    : realm_(realm), filter_(std::move(filter)), after_(after), settling_(realm.database) {}

std::chrono::milliseconds Follower::pause() const {
    return settling_.waits() ? unsettled : idle;
}

// Whether rows left that were not given.
Status Follower::look_for_archives() const {
    const auto newest = audit_archives_table::newest(realm_.database);
    if (newest && newest->last_seq > seen_)
        return fail(
            error(ErrorCode::not_found,
                  fmt::format("the rows from number {} to {} have left the database for an archive",
                              seen_ + 1, newest->last_seq))
                .with_field("after")
                .with_hint(fmt::format("read them from the archive, then go on with --after {}",
                                       newest->last_seq)));
    return {};
}

Status Follower::start() {
    const auto newest = audit_archives_table::newest(realm_.database);
    seen_ = after_ ? *after_ : newest ? newest->last_seq : 0;
    AUTH_CHECK(look_for_archives());
    if (filter_.limit > 0 && !after_) {
        // The latest of those that are settled; the others follow.
        AUTH_TRY(settled_, settled_seq(realm_));
        rows_ = audit_table::latest(realm_.database, filter_);
        std::erase_if(rows_, [&](const AuditRow& row) { return row.seq > settled_; });
        seen_ = settled_;
    }
    filter_.limit = 0;
    started_ = true;
    return {};
}

Result<std::optional<AuditRow>> Follower::next() {
    if (!started_) {
        AUTH_CHECK(start());
    }
    if (at_ < rows_.size())
        return std::move(rows_[at_++]);
    rows_.clear();
    at_ = 0;
    if (seen_ >= settled_) {
        AUTH_TRY(settled_, settling_.look());
    }
    if (seen_ >= settled_)
        return std::nullopt;
    // One state of the database: no rows leave between the look for archives and the page.
    const Snapshot snapshot(realm_.database);
    AUTH_CHECK(look_for_archives());
    rows_ = audit_table::page(realm_.database, filter_, seen_ + 1, rows_in_page);
    const bool whole = static_cast<std::int64_t>(rows_.size()) < rows_in_page;
    std::erase_if(rows_, [&](const AuditRow& row) { return row.seq > settled_; });
    seen_ = whole || rows_.empty() ? settled_ : rows_.back().seq;
    if (rows_.empty())
        return std::nullopt;
    return std::move(rows_[at_++]);
}

} // namespace auth
