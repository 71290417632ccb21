#include "core/store/sqlite/sqlite_backup.h"

#include "core/base/private_descriptor.h"
#include "core/base/private_file.h"
#include "core/store/sqlite/sqlite_database.h"
#include "core/store/sqlite/sqlite_failure.h"

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <optional>
#include <utility>

namespace auth {
namespace {

namespace fs = std::filesystem;

// Nothing of a schema from elsewhere is trusted, or run.
void distrust(SQLite::Database& database) {
    sqlite3_db_config(database.getHandle(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(database.getHandle(), SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
}

// Of two files of which one is read and one is written, whether an error is the latter's.
bool is_of_target(int code) {
    switch (code & 0xff) {
    case SQLITE_IOERR:
        return code != SQLITE_IOERR_READ;
    case SQLITE_FULL:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
        return true;
    default:
        return false;
    }
}

SQLite::Database open_source(const fs::path& from) {
    return {from.string(), SQLite::OPEN_READONLY, busy_timeout_ms};
}

// What SQLiteCpp throws, as a value.
template <class Act> std::optional<SQLite::Exception> attempt(Act act) {
    try {
        return act();
    } catch (const SQLite::Exception& exception) {
        return exception;
    }
}

// All pages in one step, so that what is read is of one moment and what is written one transaction.
std::optional<SQLite::Exception> copy_pages(SQLite::Database& source, const fs::path& to) {
    SQLite::Database target(to.string(), SQLite::OPEN_READWRITE, busy_timeout_ms);
    distrust(source);
    distrust(target);
    target.exec("PRAGMA synchronous=EXTRA; PRAGMA secure_delete=ON");
    SQLite::Backup backup(target, source);
    const int code = backup.executeStep(-1);
    return code == SQLITE_DONE
               ? std::nullopt
               : std::optional(SQLite::Exception("the copy was not finished", code));
}

} // namespace

Status copy_sqlite(const fs::path& from, const fs::path& to, const fs::path& as) {
    for (const char* suffix : {"-journal", "-wal"})
        AUTH_CHECK(check_private_file("journal", from.string() + suffix));
    std::optional<SQLite::Database> source;
    const auto unopened = attempt([&]() -> std::optional<SQLite::Exception> {
        source.emplace(open_source(from));
        return std::nullopt;
    });
    if (unopened)
        return fail(describe_sqlite(*unopened, from.string()));
    AUTH_CHECK(create_private_file(to, ""));
    const auto failed = attempt([&] {
        auto unfinished = copy_pages(*source, to);
        source.reset();
        // Whatever mode the original was in: a copy is one file.
        if (!unfinished)
            SQLite::Database(to.string(), SQLite::OPEN_READWRITE)
                .exec("PRAGMA journal_mode=DELETE");
        return unfinished;
    });
    if (failed) {
        (void)remove_private_file(to);
        if (!is_of_target(failed->getErrorCode()))
            return fail(describe_sqlite(*failed, from.string()));
        return fail(ErrorCode::io,
                    fmt::format("cannot write '{}': {}", as.string(), failed->getErrorStr()),
                    "look at the space and the rights there; nothing was copied");
    }
    return sync_directory(directory_of(to));
}

Result<bool> overwrite_sqlite(const fs::path& from, const fs::path& into) {
    const auto failed = attempt([&] {
        SQLite::Database source = open_source(from);
        return copy_pages(source, into);
    });
    if (!failed)
        return true;
    const int code = failed->getErrorCode() & 0xff;
    if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT)
        return false;
    return fail(describe_sqlite(*failed, into.string()));
}

UnfinishedDatabase::~UnfinishedDatabase() {
    (void)remove_private_file(path_);
    (void)remove_private_file(path_.string() + "-journal");
}

} // namespace auth
