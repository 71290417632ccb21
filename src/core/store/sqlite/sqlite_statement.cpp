#include "core/store/sqlite/sqlite_statement.h"

#include "core/store/sqlite/sqlite_failure.h"

namespace auth {

SqliteStatement::SqliteStatement(SQLite::Database& database, const std::string& sql,
                                 const std::string& path, SqliteGathering& gathering,
                                 const Hold& reading)
    : statement_(database, sql), path_(path), gathering_(gathering), reading_(reading),
      texts_(static_cast<std::size_t>(statement_.getBindParameterCount())) {}

template <class Act> void SqliteStatement::guard(Act act) {
    try {
        act();
    } catch (const SQLite::Exception& exception) {
        // A failed statement must not keep the lock it waited with.
        statement_.tryReset();
        held_.reset();
        fail_sqlite(exception, path_);
    }
}

Statement& SqliteStatement::bind(int position, std::int64_t value) {
    return guard([&] { statement_.bind(position, value); }), *this;
}

Statement& SqliteStatement::bind(int position, std::string_view text) {
    // SQLiteCpp takes a length only for blobs and std::string; NULs must survive. Texts are kept
    // here, where their memory is used again.
    std::string& kept = texts_.at(static_cast<std::size_t>(position - 1));
    kept.assign(text);
    return guard([&] { statement_.bindNoCopy(position, kept); }), *this;
}

Statement& SqliteStatement::bind_blob(int position, std::string_view bytes) {
    const void* data = bytes.empty() ? "" : static_cast<const void*>(bytes.data());
    return guard([&] { statement_.bind(position, data, static_cast<int>(bytes.size())); }), *this;
}

Statement& SqliteStatement::bind_null(int position) {
    return guard([&] { statement_.bind(position); }), *this;
}

bool SqliteStatement::step() {
    gathering_.write();
    if (!held_)
        held_ = take(reading_);
    bool row = false;
    guard([&] { row = statement_.executeStep(); });
    if (!row)
        held_.reset();
    return row;
}

void SqliteStatement::reset() {
    statement_.tryReset();
    held_.reset();
    statement_.clearBindings();
}

bool SqliteStatement::is_null(int column) const {
    return statement_.isColumnNull(column);
}

std::int64_t SqliteStatement::integer(int column) const {
    return statement_.getColumn(column).getInt64();
}

std::string SqliteStatement::text(int column) const {
    return statement_.getColumn(column).getString();
}

std::string SqliteStatement::blob(int column) const {
    return statement_.getColumn(column).getString();
}

} // namespace auth
