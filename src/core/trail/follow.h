// The rows of the audit log as they come, each once and in order of seq.
#pragma once

#include "core/audit/audit.h"
#include "core/realm.h"
#include "core/trail/settled.h"

#include <cstdint>
#include <optional>

namespace auth {

class Follower {
  public:
    // Rows with a number higher than `after`; without it, all that the database has, or the latest
    // ones that the filter's limit allows.
    Follower(Realm& realm, AuditFilter filter, std::optional<std::int64_t> after);

    // The next row; nothing where none is there yet: then ask again after pause(). Fails with
    // not_found where rows left for an archive before they were given, and as Settling::look.
    [[nodiscard]] Result<std::optional<AuditRow>> next();
    // How long to wait before next() is asked again.
    [[nodiscard]] std::chrono::milliseconds pause() const;

  private:
    [[nodiscard]] Status start();
    [[nodiscard]] Status look_for_archives() const;

    Realm& realm_;
    AuditFilter filter_;
    std::optional<std::int64_t> after_;
    Settling settling_;
    std::int64_t settled_ = 0;
    std::vector<AuditRow> rows_;
    std::size_t at_ = 0;
    std::int64_t seen_ = 0; // every row up to this number was given, or does not pass the filter
    bool started_ = false;
};

} // namespace auth
