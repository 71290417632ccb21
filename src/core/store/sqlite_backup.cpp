#include "core/store/sqlite_backup.h"

#include "core/base/private_descriptor.h"
#include "core/base/private_file.h"
#include "core/store/sqlite_failure.h"

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <sqlite3.h>

namespace auth {
namespace {

namespace fs = std::filesystem;

constexpr int busy_timeout_ms = 5000;

// Nothing of a schema from elsewhere is trusted, or run.
void distrust(SQLite::Database& database) {
    sqlite3_db_config(database.getHandle(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(database.getHandle(), SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
}

// All pages in one step, so that what is read is of one moment and what is written one transaction.
void copy_pages(const fs::path& from, const fs::path& to) {
    SQLite::Database source(from.string(), SQLite::OPEN_READONLY, busy_timeout_ms);
    SQLite::Database target(to.string(), SQLite::OPEN_READWRITE, busy_timeout_ms);
    distrust(source);
    distrust(target);
    target.exec("PRAGMA synchronous=EXTRA; PRAGMA secure_delete=ON");
    SQLite::Backup backup(target, source);
    if (const int code = backup.executeStep(-1); code != SQLITE_DONE)
        throw SQLite::Exception("the copy was not finished", code);
}

} // namespace

void copy_sqlite(const fs::path& from, const fs::path& to) {
    for (const char* suffix : {"-journal", "-wal"})
        if (const auto journal = check_private_file("journal", from.string() + suffix); !journal)
            throw Failure(journal.error());
    if (const Status made = create_private_file(to, ""); !made)
        throw Failure(made.error());
    try {
        copy_pages(from, to);
        // Whatever mode the original was in: a copy is one file.
        SQLite::Database(to.string(), SQLite::OPEN_READWRITE).exec("PRAGMA journal_mode=DELETE");
    } catch (const SQLite::Exception& exception) {
        (void)remove_private_file(to);
        throw Failure(describe_sqlite(exception, from.string()));
    }
    if (const Status durable = sync_directory(directory_of(to)); !durable)
        throw Failure(durable.error());
}

bool overwrite_sqlite(const fs::path& from, const fs::path& into) {
    try {
        copy_pages(from, into);
        return true;
    } catch (const SQLite::Exception& exception) {
        const int code = exception.getErrorCode() & 0xff;
        if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT)
            return false;
        throw Failure(describe_sqlite(exception, into.string()));
    }
}

} // namespace auth
