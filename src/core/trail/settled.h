// Which rows are there to stay in their places. On a server, transactions side by side draw numbers
// before they commit: a row may come after one with a higher number.
#pragma once

#include "core/realm.h"

#include <cstdint>
#include <string>
#include <vector>

namespace auth {

class Settling {
  public:
    explicit Settling(Database& database) : database_(database) {}
    // Looks again. No row up to the number that it returns is still to come; it never falls. Fails
    // with refused (reason standby) where the server cannot tell. Call outside of transactions.
    [[nodiscard]] Result<std::int64_t> look();
    // Whether some rows that are there have to wait for the transactions of others.
    [[nodiscard]] bool waits() const { return !awaited_.empty(); }

  private:
    Database& database_;
    std::int64_t settled_ = 0;
    std::int64_t candidate_ = 0;
    std::vector<std::string> awaited_; // transactions that may still commit a row up to candidate_
};

// Waits until all rows that are there now are settled, at most 5 s, then fails with database_busy.
[[nodiscard]] Result<std::int64_t> settled_seq(Realm& realm);

} // namespace auth
