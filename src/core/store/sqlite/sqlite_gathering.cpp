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

} // namespace

class SqliteGathering::Rows final : public BulkInsert {
  public:
    Rows(SqliteGathering& all, PlainInsert insert, WhenTaken when_taken)
        : all_(all), insert_(std::move(insert)), passes_over_(when_taken == WhenTaken::none),
          values_(most_rows * insert_.count) {
        all_.inserts_.insert(std::ranges::upper_bound(all_.inserts_, insert_.rank, {}, &Rows::rank),
                             this);
    }
    Rows(const Rows&) = delete;
    Rows& operator=(const Rows&) = delete;
    ~Rows() override {
        all_.lost_ = all_.lost_ || rows_ > 0 || last_;
        all_.gathered_ -= rows_;
        std::erase(all_.inserts_, this);
    }

    using BulkInsert::bind;
    BulkInsert& bind(int position, std::int64_t value) override {
        return set(position, {Kind::integer, value, 0});
    }
    BulkInsert& bind(int position, std::string_view text) override {
        return keep(position, Kind::text, text);
    }
    BulkInsert& bind_blob(int position, std::string_view bytes) override {
        return keep(position, Kind::blob, bytes);
    }
    BulkInsert& bind_null(int position) override { return set(position, {}); }

    void add() override {
        if (passes_over_ && !last_)
            last_ = last_row();
        ++rows_;
        ++all_.gathered_;
        if (rows_ == most_rows || bytes_.size() >= most_bytes)
            all_.write();
        else
            clear_row();
    }

    // A savepoint would undo them as well, but then SQLite keeps a copy of each page it changes.
    Status finish() override {
        all_.write();
        const auto last = std::exchange(last_, std::nullopt);
        if (std::exchange(passed_over_, 0) == 0)
            return {};
        const std::string removal =
            fmt::format("DELETE FROM {} WHERE rowid > {}", insert_.table, *last);
        if (const int code = all_.database_.tryExec(removal); code != SQLITE_OK)
            all_.fail(code);
        return auth::fail(ErrorCode::exists,
                          fmt::format("{} already has one of the rows", insert_.table));
    }

    [[nodiscard]] std::size_t rank() const { return insert_.rank; }

    // SQLITE_OK or what went wrong.
    [[nodiscard]] int write() {
        if (rows_ == 0)
            return SQLITE_OK; // and what is bound for the first row stays
        for (std::size_t at = 0; at < rows_;) {
            const std::size_t count = std::bit_floor(rows_ - at);
            sqlite3_stmt* together = nullptr;
            if (const int code = prepare(count, together); code != SQLITE_OK)
                return code;
            if (const int code = bind_rows(together, at, count); code != SQLITE_OK)
                return code;
            const int result = sqlite3_step(together);
            sqlite3_reset(together);
            if (result != SQLITE_DONE)
                return result;
            passed_over_ += static_cast<int>(count) - sqlite3_changes(handle());
            at += count;
        }
        drop_rows();
        return SQLITE_OK;
    }

    void drop() noexcept {
        drop_rows();
        last_.reset();
        passed_over_ = 0;
    }

  private:
    enum class Kind : unsigned char { null, integer, text, blob };
    struct Value {
        Kind kind = Kind::null;
        std::int64_t number = 0; // or where in bytes_ it begins
        std::size_t size = 0;
    };

    void drop_rows() noexcept {
        all_.gathered_ -= rows_;
        rows_ = 0;
        bytes_.clear();
        clear_row();
    }

    void clear_row() noexcept { std::fill_n(row(rows_), insert_.count, Value{}); }

    [[nodiscard]] std::int64_t last_row() {
        all_.write();
        const std::string sql = fmt::format("SELECT max(rowid) FROM {}", insert_.table);
        sqlite3_stmt* made = nullptr;
        int code = sqlite3_prepare_v2(handle(), sql.c_str(), -1, &made, nullptr);
        const Prepared last(made);
        if (code == SQLITE_OK)
            code = sqlite3_step(made);
        if (code != SQLITE_ROW)
            all_.fail(code);
        return sqlite3_column_int64(made, 0);
    }

    [[nodiscard]] std::vector<Value>::iterator row(std::size_t number) {
        return values_.begin() + static_cast<std::ptrdiff_t>(number * insert_.count);
    }
    BulkInsert& set(int position, Value value) {
        row(rows_)[position - 1] = value;
        return *this;
    }
    BulkInsert& keep(int position, Kind kind, std::string_view bytes) {
        set(position, {kind, static_cast<std::int64_t>(bytes_.size()), bytes.size()});
        bytes_ += bytes;
        return *this;
    }

    [[nodiscard]] sqlite3* handle() const { return all_.database_.getHandle(); }

    [[nodiscard]] int prepare(std::size_t count, sqlite3_stmt*& together) {
        Prepared& made = statements_.at(static_cast<std::size_t>(std::countr_zero(count)));
        if (!made) {
            std::string one = "(?";
            for (std::size_t i = 1; i < insert_.count; ++i)
                one += ",?";
            one += ')';
            std::string sql =
                fmt::format("INSERT {}INTO {} ({}) VALUES {}", passes_over_ ? "OR IGNORE " : "",
                            insert_.table, insert_.columns, one);
            for (std::size_t i = 1; i < count; ++i)
                sql += "," + one;
            sqlite3_stmt* prepared = nullptr;
            if (const int code =
                    sqlite3_prepare_v3(handle(), sql.data(), static_cast<int>(sql.size()),
                                       SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
                code != SQLITE_OK)
                return code;
            made.reset(prepared);
        }
        together = made.get();
        return SQLITE_OK;
    }

    [[nodiscard]] int bind_rows(sqlite3_stmt* together, std::size_t from, std::size_t count) {
        int position = 0;
        int result = SQLITE_OK;
        for (auto value = row(from); value != row(from + count) && result == SQLITE_OK; ++value) {
            const char* bytes = bytes_.data() + value->number;
            const int size = static_cast<int>(value->size);
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
        }
        return result;
    }

    SqliteGathering& all_;
    PlainInsert insert_;
    bool passes_over_;          // what is taken
    std::vector<Value> values_; // row by row
    std::string bytes_;
    std::size_t rows_ = 0;
    // Of those since finish(): the row before them, and how many were taken.
    std::optional<std::int64_t> last_;
    std::int64_t passed_over_ = 0;
    // By the power of two of their rows.
    std::array<Prepared, std::bit_width(most_rows)> statements_;
};

SqliteGathering::SqliteGathering(SQLite::Database& database, const std::string& path)
    : database_(database), path_(path) {}

std::unique_ptr<BulkInsert> SqliteGathering::insert(PlainInsert insert, WhenTaken when_taken) {
    return std::make_unique<Rows>(*this, std::move(insert), when_taken);
}

void SqliteGathering::write_all() {
    for (Rows* rows : inserts_)
        if (const int code = rows->write(); code != SQLITE_OK)
            fail(code);
}

void SqliteGathering::fail(int code) {
    const SQLite::Exception failure(database_.getHandle(), code);
    drop();
    lost_ = true;
    fail_sqlite(failure, path_);
}

void SqliteGathering::drop() noexcept {
    for (Rows* rows : inserts_)
        rows->drop();
    lost_ = false;
}

} // namespace auth
