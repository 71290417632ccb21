// Rows on their way into one table: by COPY, or a statement a row where the server takes no COPY.
#pragma once

#include "adapters/modules/postgres/connection.h"
#include "core/store/database.h"
#include "core/store/plain_insert.h"

#include <string>
#include <vector>

namespace auth {

class PostgresBulkInsert final : public BulkInsert {
  public:
    PostgresBulkInsert(Database& database, Connection& connection, std::string_view sql,
                       WhenTaken when_taken, bool copies);
    PostgresBulkInsert(const PostgresBulkInsert&) = delete;
    PostgresBulkInsert& operator=(const PostgresBulkInsert&) = delete;
    ~PostgresBulkInsert() override;

    using BulkInsert::bind;
    BulkInsert& bind(int position, std::int64_t value) override;
    BulkInsert& bind(int position, std::string_view text) override;
    BulkInsert& bind_blob(int position, std::string_view bytes) override;
    BulkInsert& bind_null(int position) override;
    void add() override;
    [[nodiscard]] Status finish() override;

  private:
    enum class Kind { null, integer, text, blob };
    struct Value {
        Kind kind = Kind::null;
        std::int64_t number = 0;
        std::string bytes;
    };
    // With WhenTaken::none: nothing was added yet, rows wait behind a savepoint, one was taken.
    enum class Phase { before, open, taken };

    Value& value(int position, Kind kind);
    void copy_row();
    void insert_row();
    template <class Act> void attempt(Act act);

    Database& database_;
    Connection& connection_;
    std::string sql_;
    PlainInsert insert_;
    bool all_or_none_;
    bool copies_;
    std::vector<Value> values_;
    Phase phase_ = Phase::before;
};

} // namespace auth
