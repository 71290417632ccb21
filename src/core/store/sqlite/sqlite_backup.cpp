#include "core/store/sqlite/sqlite_backup.h"

#include "core/base/private_descriptor.h"
#include "core/base/private_file.h"
#include "core/store/sqlite/sqlite_database.h"
#include "core/store/sqlite/sqlite_failure.h"

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <array>
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

bool is_damage(const SQLite::Exception& exception) {
    const int code = exception.getErrorCode() & 0xff;
    return code == SQLITE_NOTADB || code == SQLITE_CORRUPT;
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

// The file change counter (file format, section 1.3.6), read through SQLite's own handle: call it
// where no other connection can write.
std::optional<std::uint32_t> counter_of(SQLite::Database& database) {
    constexpr sqlite3_int64 place = 24;
    sqlite3_file* file = nullptr;
    std::array<unsigned char, 4> bytes{};
    if (sqlite3_file_control(database.getHandle(), "main", SQLITE_FCNTL_FILE_POINTER, &file) !=
            SQLITE_OK ||
        file == nullptr || file->pMethods == nullptr ||
        file->pMethods->xRead(file, bytes.data(), static_cast<int>(bytes.size()), place) !=
            SQLITE_OK)
        return std::nullopt;
    return std::uint32_t{bytes[0]} << 24U | std::uint32_t{bytes[1]} << 16U |
           std::uint32_t{bytes[2]} << 8U | bytes[3];
}

// All pages in one step, so that what is read is of one moment and what is written one transaction.
std::optional<SQLite::Exception> copy_pages(SQLite::Database& source, const fs::path& to,
                                            std::optional<std::uint32_t> unchanged = {}) {
    SQLite::Database target(to.string(), SQLite::OPEN_READWRITE, busy_timeout_ms);
    distrust(source);
    distrust(target);
    target.exec("PRAGMA synchronous=EXTRA; PRAGMA secure_delete=ON");
    SQLite::Backup backup(target, source);
    // No page yet, but from here on nobody else writes, or reads.
    int code = backup.executeStep(0);
    if (code == SQLITE_OK && unchanged && counter_of(target) != unchanged)
        return SQLite::Exception("the database changed", SQLITE_BUSY_SNAPSHOT);
    if (code == SQLITE_OK)
        code = backup.executeStep(-1);
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

Result<std::optional<std::uint32_t>> change_counter(const fs::path& database) {
    std::optional<std::uint32_t> counter;
    const auto failed = attempt([&]() -> std::optional<SQLite::Exception> {
        SQLite::Database reader = open_source(database);
        distrust(reader);
        reader.exec("BEGIN; SELECT count(*) FROM sqlite_master");
        counter = counter_of(reader);
        return std::nullopt;
    });
    if (failed && !is_damage(*failed))
        return fail(describe_sqlite(*failed, database.string()));
    return counter;
}

Result<bool> overwrite_sqlite(const fs::path& from, const fs::path& into,
                              std::optional<std::uint32_t> unchanged) {
    const auto failed = attempt([&] {
        SQLite::Database source = open_source(from);
        return copy_pages(source, into, unchanged);
    });
    if (!failed)
        return true;
    if (failed->getErrorCode() == SQLITE_BUSY_SNAPSHOT)
        return fail(
            ErrorCode::database_busy,
            fmt::format("the database '{}' changed meanwhile; nothing was restored", into.string()),
            "try again");
    if (is_damage(*failed))
        return false;
    return fail(describe_sqlite(*failed, into.string()));
}

UnfinishedDatabase::~UnfinishedDatabase() {
    (void)remove_private_file(path_);
    (void)remove_private_file(path_.string() + "-journal");
}

} // namespace auth
