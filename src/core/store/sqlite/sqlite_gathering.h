// Rows of bulk inserts on their way to SQLite, where a statement of some dozens of rows takes
// little longer than one of a single row.
#pragma once

#include "core/store/database.h"
#include "core/store/plain_insert.h"

#include <cstddef>
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

    // It lives no longer than this object.
    [[nodiscard]] std::unique_ptr<BulkInsert> insert(PlainInsert insert, WhenTaken when_taken);

    // Writes what is gathered, before anything else reads or writes. Throws as statements do; the
    // transaction has then lost rows.
    void write() {
        if (gathered_ > 0)
            write_all();
    }
    // The transaction is undone.
    void drop() noexcept;
    // Whether it must be.
    [[nodiscard]] bool lost() const { return lost_; }

  private:
    class Rows;
    void write_all();
    // Undoes what is gathered, and throws.
    [[noreturn]] void fail(int code);

    SQLite::Database& database_;
    const std::string& path_;
    std::vector<Rows*> inserts_; // those for tables that others refer to first
    std::size_t gathered_ = 0;   // rows of all of them
    bool lost_ = false;
};

} // namespace auth
