// Rows on their way into one table, which are checked by the server as they come.
#pragma once

#include "adapters/modules/postgres/conversation.h"
#include "adapters/modules/postgres/kept_values.h"
#include "core/store/database.h"

#include <string_view>
#include <vector>

namespace auth {

class PostgresBulkInsert final : public KeptValues<BulkInsert> {
  public:
    // `types` as of TableRows.
    PostgresBulkInsert(Conversation& conversation, const PlainInsert& insert, WhenTaken when_taken,
                       std::vector<Oid> types);
    PostgresBulkInsert(const PostgresBulkInsert&) = delete;
    PostgresBulkInsert& operator=(const PostgresBulkInsert&) = delete;
    ~PostgresBulkInsert() override;

    void add() override;
    [[nodiscard]] Status finish() override;

  private:
    // With WhenTaken::none: nothing was sent yet, rows are behind a savepoint, one was taken.
    enum class Phase { before, open, taken };

    void send_guarded(std::string_view after);

    Conversation& conversation_;
    TableRows rows_;
    bool all_or_none_;
    Phase phase_ = Phase::before;
};

} // namespace auth
