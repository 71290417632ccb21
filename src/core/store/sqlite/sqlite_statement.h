// One statement of SQLiteCpp's. What is gathered is written before it runs.
#pragma once

#include "core/base/hold.h"
#include "core/store/database.h"
#include "core/store/sqlite/sqlite_gathering.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <string>
#include <vector>

namespace auth {

class SqliteStatement final : public Statement {
  public:
    SqliteStatement(SQLite::Database& database, const std::string& sql, const std::string& path,
                    SqliteGathering& gathering, const Hold& reading);

    using Statement::bind;
    Statement& bind(int position, std::int64_t value) override;
    Statement& bind(int position, std::string_view text) override;
    Statement& bind_blob(int position, std::string_view bytes) override;
    Statement& bind_null(int position) override;
    bool step() override;
    void reset() override;
    [[nodiscard]] bool is_null(int column) const override;
    [[nodiscard]] std::int64_t integer(int column) const override;
    [[nodiscard]] std::string text(int column) const override;
    [[nodiscard]] std::string blob(int column) const override;

  private:
    template <class Act> void guard(Act act);

    mutable SQLite::Statement statement_;
    const std::string& path_;
    SqliteGathering& gathering_;
    const Hold& reading_;
    std::shared_ptr<void> held_;     // from the first row until there are no more
    std::vector<std::string> texts_; // by position, as they are bound
};

} // namespace auth
