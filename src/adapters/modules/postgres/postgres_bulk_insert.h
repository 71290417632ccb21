// Rows on their way into one table: by COPY, or a statement a row where the server takes no COPY.
#pragma once

#include "adapters/modules/postgres/conversation.h"
#include "adapters/modules/postgres/kept_values.h"
#include "core/store/database.h"
#include "core/store/plain_insert.h"

#include <string>

namespace auth {

class PostgresBulkInsert final : public KeptValues<BulkInsert> {
  public:
    PostgresBulkInsert(Database& database, Conversation& conversation, std::string_view sql,
                       WhenTaken when_taken, bool copies);
    PostgresBulkInsert(const PostgresBulkInsert&) = delete;
    PostgresBulkInsert& operator=(const PostgresBulkInsert&) = delete;
    ~PostgresBulkInsert() override;

    void add() override;
    [[nodiscard]] Status finish() override;

  private:
    // With WhenTaken::none: nothing was added yet, rows wait behind a savepoint, one was taken.
    enum class Phase { before, open, taken };

    void copy_row();
    void insert_row();
    template <class Act> void attempt(Act act);

    Database& database_;
    Conversation& conversation_;
    std::string sql_;
    PlainInsert insert_;
    bool all_or_none_;
    bool copies_;
    Phase phase_ = Phase::before;
};

} // namespace auth
