#include "core/store/sqlite/sqlite_gathering.h"

#include "core/store/sqlite/sqlite_failure.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace auth {
namespace {

constexpr std::size_t most_rows = 64; // a power of two
constexpr std::size_t most_bytes = 1U << 20U;

struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
// SQLiteCpp binds no text by its length but a std::string of its own.
using Prepared = std::unique_ptr<sqlite3_stmt, Finalize>;

void check(int result, int wanted, sqlite3* handle) {
    if (result != wanted)
        throw SQLite::Exception(handle, result);
}

} // namespace

class SqliteGathering::Rows final : public Statement {
  public:
    Rows(SqliteGathering& all, PlainInsert insert)
        : all_(all), insert_(std::move(insert)), values_(most_rows * insert_.count) {}

    using Statement::bind;
    Statement& bind(int position, std::int64_t value) override {
        return set(position, {Kind::integer, value, 0});
    }
    Statement& bind(int position, std::string_view text) override {
        return keep(position, Kind::text, text);
    }
    Statement& bind_blob(int position, std::string_view bytes) override {
        return keep(position, Kind::blob, bytes);
    }
    Statement& bind_null(int position) override { return set(position, {}); }

    bool step() override {
        if (rows_++ == 0)
            all_.pending_.push_back(this);
        if (rows_ == most_rows || bytes_.size() >= most_bytes)
            all_.write();
        return false;
    }
    void reset() override { std::fill_n(row(rows_), insert_.count, Value{}); }

    // There is no row to read.
    [[nodiscard]] bool is_null(int /*column*/) const override { return true; }
    [[nodiscard]] std::int64_t integer(int /*column*/) const override { return 0; }
    [[nodiscard]] std::string text(int /*column*/) const override { return {}; }
    [[nodiscard]] std::string blob(int /*column*/) const override { return {}; }

    [[nodiscard]] std::size_t rank() const { return insert_.rank; }

    void write() {
        for (std::size_t at = 0; at < rows_;) {
            const std::size_t count = std::bit_floor(rows_ - at);
            sqlite3_stmt* together = statement_of(count);
            bind_rows(together, at, count);
            const int result = sqlite3_step(together);
            sqlite3_reset(together);
            check(result, SQLITE_DONE, handle());
            all_.passed_over_ += static_cast<int>(count) - sqlite3_changes(handle());
            at += count;
        }
        drop();
    }

    void drop() noexcept {
        rows_ = 0;
        bytes_.clear();
    }

  private:
    enum class Kind : unsigned char { null, integer, text, blob };
    struct Value {
        Kind kind = Kind::null;
        std::int64_t number = 0; // or where in bytes_ it begins
        std::size_t size = 0;
    };

    [[nodiscard]] std::vector<Value>::iterator row(std::size_t number) {
        return values_.begin() + static_cast<std::ptrdiff_t>(number * insert_.count);
    }
    Statement& set(int position, Value value) {
        row(rows_)[position - 1] = value;
        return *this;
    }
    Statement& keep(int position, Kind kind, std::string_view bytes) {
        set(position, {kind, static_cast<std::int64_t>(bytes_.size()), bytes.size()});
        bytes_ += bytes;
        return *this;
    }

    [[nodiscard]] sqlite3* handle() const { return all_.database_.getHandle(); }

    [[nodiscard]] sqlite3_stmt* statement_of(std::size_t count) {
        Prepared& made = statements_.at(all_.passing_over_ ? 1 : 0)
                             .at(static_cast<std::size_t>(std::countr_zero(count)));
        if (!made) {
            std::string one = "(?";
            for (std::size_t i = 1; i < insert_.count; ++i)
                one += ",?";
            one += ')';
            std::string sql = fmt::format("INSERT {}INTO {} ({}) VALUES {}",
                                          all_.passing_over_ ? "OR IGNORE " : "", insert_.table,
                                          insert_.columns, one);
            for (std::size_t i = 1; i < count; ++i)
                sql += "," + one;
            sqlite3_stmt* prepared = nullptr;
            check(sqlite3_prepare_v3(handle(), sql.data(), static_cast<int>(sql.size()),
                                     SQLITE_PREPARE_PERSISTENT, &prepared, nullptr),
                  SQLITE_OK, handle());
            made.reset(prepared);
        }
        return made.get();
    }

    void bind_rows(sqlite3_stmt* together, std::size_t from, std::size_t count) {
        int position = 0;
        for (auto value = row(from); value != row(from + count); ++value) {
            const char* bytes = bytes_.data() + value->number;
            const int size = static_cast<int>(value->size);
            int result = SQLITE_OK;
            ++position;
            switch (value->kind) {
            case Kind::null:
                result = sqlite3_bind_null(together, position);
                break;
            case Kind::integer:
                result = sqlite3_bind_int64(together, position, value->number);
                break;
            case Kind::text:
                result = sqlite3_bind_text(together, position, bytes, size, SQLITE_STATIC);
                break;
            case Kind::blob:
                result = sqlite3_bind_blob(together, position, bytes, size, SQLITE_STATIC);
                break;
            }
            check(result, SQLITE_OK, handle());
        }
    }

    SqliteGathering& all_;
    PlainInsert insert_;
    std::vector<Value> values_; // row by row
    std::string bytes_;
    std::size_t rows_ = 0;
    // By whether they pass over what is taken, and the power of two of their rows.
    std::array<std::array<Prepared, std::bit_width(most_rows)>, 2> statements_;
};

SqliteGathering::SqliteGathering(SQLite::Database& database, const std::string& path)
    : database_(database), path_(path) {}

std::unique_ptr<Statement> SqliteGathering::statement(PlainInsert insert) {
    return std::make_unique<Rows>(*this, std::move(insert));
}

void SqliteGathering::write_pending() {
    std::ranges::sort(pending_, {}, &Rows::rank);
    try {
        for (Rows* rows : pending_)
            rows->write();
    } catch (const SQLite::Exception& exception) {
        drop();
        lost_ = true;
        fail_sqlite(exception, path_);
    }
    pending_.clear();
}

void SqliteGathering::drop() noexcept {
    for (Rows* rows : pending_)
        rows->drop();
    pending_.clear();
    lost_ = false;
}

std::int64_t SqliteGathering::passed_over(const std::function<void()>& inserts) {
    write();
    passed_over_ = 0;
    passing_over_ = true;
    try {
        inserts();
        write();
    } catch (...) {
        drop();
        passing_over_ = false;
        lost_ = true;
        throw;
    }
    passing_over_ = false;
    return passed_over_;
}

} // namespace auth
