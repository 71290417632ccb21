#include "core/store/sqlite/sqlite_backup.h"

#include "core/base/private_descriptor.h"
#include "core/base/private_file.h"
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

constexpr int busy_timeout_ms = 5000;

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

// All pages in one step, so that what is read is of one moment and what is written one transaction.
void copy_pages(SQLite::Database source, const fs::path& to) {
    SQLite::Database target(to.string(), SQLite::OPEN_READWRITE, busy_timeout_ms);
    distrust(source);
    distrust(target);
    target.exec("PRAGMA synchronous=EXTRA; PRAGMA secure_delete=ON");
    SQLite::Backup backup(target, source);
    if (const int code = backup.executeStep(-1); code != SQLITE_DONE)
        throw SQLite::Exception("the copy was not finished", code);
}

} // namespace

void copy_sqlite(const fs::path& from, const fs::path& to, const fs::path& as) {
    for (const char* suffix : {"-journal", "-wal"})
        if (const auto journal = check_private_file("journal", from.string() + suffix); !journal)
            throw Failure(journal.error());
    std::optional<SQLite::Database> source;
    try {
        source.emplace(open_source(from));
    } catch (const SQLite::Exception& exception) {
        throw Failure(describe_sqlite(exception, from.string()));
    }
    if (const Status made = create_private_file(to, ""); !made)
        throw Failure(made.error());
    try {
        copy_pages(*std::move(source), to);
        // Whatever mode the original was in: a copy is one file.
        SQLite::Database(to.string(), SQLite::OPEN_READWRITE).exec("PRAGMA journal_mode=DELETE");
    } catch (const SQLite::Exception& exception) {
        (void)remove_private_file(to);
        if (!is_of_target(exception.getErrorCode()))
            throw Failure(describe_sqlite(exception, from.string()));
        throw Failure(error(ErrorCode::io, fmt::format("cannot write '{}': {}", as.string(),
                                                       exception.getErrorStr()))
                          .with_hint("look at the space and the rights there; nothing was copied"));
    }
    if (const Status durable = sync_directory(directory_of(to)); !durable)
        throw Failure(durable.error());
}

bool overwrite_sqlite(const fs::path& from, const fs::path& into) {
    try {
        copy_pages(open_source(from), into);
        return true;
    } catch (const SQLite::Exception& exception) {
        const int code = exception.getErrorCode() & 0xff;
        if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT)
            return false;
        throw Failure(describe_sqlite(exception, into.string()));
    }
}

UnfinishedDatabase::~UnfinishedDatabase() {
    (void)remove_private_file(path_);
    (void)remove_private_file(path_.string() + "-journal");
}

} // namespace auth
