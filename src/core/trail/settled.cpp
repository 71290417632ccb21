#include "core/trail/settled.h"

#include "core/trail/trail_table.h"

#include <algorithm>

namespace auth {
namespace {

constexpr std::chrono::milliseconds between_looks{20};
constexpr int most_looks = 250;

} // namespace

Result<std::int64_t> Settling::look() {
    if (awaited_.empty()) {
        // The number first: whoever drew one up to it is on the list, or has ended.
        candidate_ = trail_table::newest_seq(database_);
        awaited_ = trail_table::writers(database_);
    } else {
        const std::vector<std::string> now = trail_table::writers(database_);
        std::erase_if(awaited_, [&](const std::string& name) {
            return std::ranges::find(now, name) == now.end();
        });
    }
    if (std::ranges::find(awaited_, trail_table::standby_name) != awaited_.end())
        return fail(
            error(ErrorCode::refused, "a standby does not show which transactions are still open")
                .with_reason("standby")
                .with_hint("name the primary server with --db"));
    if (awaited_.empty())
        settled_ = std::max(settled_, candidate_);
    return settled_;
}

Result<std::int64_t> settled_seq(Realm& realm) {
    Settling settling(realm.database);
    for (int looks = 0; looks < most_looks; ++looks) {
        AUTH_TRY(const std::int64_t seq, settling.look());
        if (!settling.waits())
            return seq;
        realm.clock.sleep(between_looks);
    }
    return fail(ErrorCode::database_busy, "another transaction is open and does not end");
}

} // namespace auth
