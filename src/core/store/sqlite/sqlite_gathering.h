// Plain inserts of bulk work on their way to SQLite, where a statement of some dozens of rows takes
// little longer than one of a single row.
#pragma once

#include "core/store/database.h"
#include "core/store/plain_insert.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace SQLite {
class Database;
}

namespace auth {

class SqliteGathering {
  public:
    SqliteGathering(SQLite::Database& database, const std::string& path);

    // Each step() of it gathers one row. It lives no longer than this object.
    [[nodiscard]] std::unique_ptr<Statement> statement(PlainInsert insert);

    // Writes what is gathered, before anything else reads or writes. Throws as statements do; the
    // transaction has then lost rows.
    void write() {
        if (!pending_.empty())
            write_pending();
    }
    // The transaction is undone.
    void drop() noexcept;
    // Whether it must be.
    [[nodiscard]] bool lost() const { return lost_; }
    // How many of the rows that `inserts` gathers were taken, and are not made.
    [[nodiscard]] std::int64_t passed_over(const std::function<void()>& inserts);

  private:
    class Rows;
    void write_pending();

    SQLite::Database& database_;
    const std::string& path_;
    std::vector<Rows*> pending_;
    bool passing_over_ = false;
    std::int64_t passed_over_ = 0;
    bool lost_ = false;
};

} // namespace auth
