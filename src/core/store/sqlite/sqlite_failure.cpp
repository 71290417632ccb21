#include "core/store/sqlite/sqlite_failure.h"

#include "core/store/broken_database.h"

#include <SQLiteCpp/Exception.h>
#include <fmt/format.h>
#include <sqlite3.h>

namespace auth {
namespace {

ErrorCode code_of(int sqlite_code) {
    switch (sqlite_code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ErrorCode::database_busy;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    // Our own statements fail so only where the schema is not what its version says.
    case SQLITE_ERROR:
    case SQLITE_SCHEMA:
    case SQLITE_FORMAT:
    case SQLITE_MISMATCH:
        return ErrorCode::database_corrupt;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
        return ErrorCode::database_read_only;
    case SQLITE_IOERR:
    case SQLITE_FULL:
        return ErrorCode::io;
    default:
        return ErrorCode::internal;
    }
}

} // namespace

Error describe_sqlite(const SQLite::Exception& exception, std::string_view path) {
    const ErrorCode code = code_of(exception.getErrorCode());
    const auto say = [&](std::string_view text, Hint hint = {}) {
        return error(code, fmt::format("the database '{}' {}", path, text))
            .with_hint(std::move(hint));
    };
    if (code == ErrorCode::database_busy)
        return say("is busy: another process has held it for 5 seconds", "try again");
    if (code == ErrorCode::database_corrupt)
        return say("is damaged or not a database", "restore it from a backup");
    if (code == ErrorCode::database_read_only)
        return say("cannot be written", "check the file, its directory and the file system");
    // We look before we write: whatever is in the way, somebody else put there.
    const bool in_the_way = (exception.getErrorCode() & 0xff) == SQLITE_CONSTRAINT;
    return say(fmt::format("failed: {}", exception.what()),
               in_the_way ? NextStep{"doctor"} : Hint());
}

void fail_sqlite(const SQLite::Exception& exception, std::string_view path) {
    broken_database(describe_sqlite(exception, path));
}

} // namespace auth
