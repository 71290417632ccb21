// What goes wrong on a server, as a Failure; by SQLSTATE (PostgreSQL manual, appendix A).
#pragma once

#include "core/base/result.h"

#include <string_view>

namespace auth {

inline constexpr std::string_view state_missing_database = "3D000";
inline constexpr std::string_view state_lost = "08006";
inline constexpr std::string_view state_transaction_failed = "25P02";

// `state` is empty where no server said anything.
[[nodiscard]] Failure postgres_failure(std::string_view location, std::string_view state,
                                       std::string_view message);
// Whether the connection ended with it, so that another may do better.
[[nodiscard]] bool is_connection_lost(std::string_view state);

// Nothing more comes over the connection.
class ConnectionLost : public Failure {
  public:
    explicit ConnectionLost(const Failure& failure, bool silent = false)
        : Failure(failure.error()), silent_(silent) {}
    // The server was waited for in vain: another attempt would take as long.
    [[nodiscard]] bool silent() const { return silent_; }

  private:
    bool silent_;
};

// The server knows no LOCK TABLE.
class TableLockUnknown : public Failure {
  public:
    explicit TableLockUnknown(const Failure& failure) : Failure(failure.error()) {}
};

} // namespace auth
