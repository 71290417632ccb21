#include "core/store/sqlite/sqlite_database.h"

#include "core/base/private_file.h"
#include "core/store/broken_database.h"
#include "core/store/migrations.h"
#include "core/store/schema_refusal.h"
#include "core/store/sqlite/sqlite_failure.h"
#include "core/store/sqlite/sqlite_gathering.h"
#include "core/store/sqlite/sqlite_schema.h"
#include "core/store/sqlite/sqlite_statement.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

namespace auth {
namespace {

// A connection is used by one thread at a time, which sees to that itself.
constexpr int unshared = SQLITE_OPEN_NOMUTEX;

namespace fs = std::filesystem;

constexpr int application_id = 0x41555443; // "AUTC"
constexpr std::string_view program = "auth-cli";
// Nobody asks how much memory SQLite takes, and keeping count costs each allocation a lock. Only
// the first call, before anything is opened, has an effect.
void count_no_memory() {
    static const int done = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    static_cast<void>(done);
}

} // namespace

struct SqliteDatabase::State {
    std::string path;
    SQLite::Database handle;
    SqliteGathering gathering{handle, path};
    LockHolds holds;
    std::shared_ptr<void> held; // by the transaction or snapshot
    std::map<std::string, std::unique_ptr<Statement>, std::less<>> statements;

    State(std::string location, int flags, int patience_ms = busy_timeout_ms)
        : path((count_no_memory(), std::move(location))), handle(path, flags, patience_ms) {
        sqlite3_db_config(handle.getHandle(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
        sqlite3_db_config(handle.getHandle(), SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
        handle.exec("PRAGMA cell_size_check=ON; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON;"
                    "PRAGMA temp_store=MEMORY; PRAGMA synchronous=EXTRA");
    }

    template <class Act> auto guard(Act act) {
        try {
            return act();
        } catch (const SQLite::Exception& exception) {
            fail_sqlite(exception, path);
        }
    }

    void reset_statements() {
        for (auto& [sql, statement] : statements)
            statement->reset();
    }
};

namespace {

std::uint32_t big_endian(const std::array<unsigned char, 100>& bytes, std::size_t at) {
    return static_cast<std::uint32_t>(bytes[at]) << 24U |
           static_cast<std::uint32_t>(bytes[at + 1]) << 16U |
           static_cast<std::uint32_t>(bytes[at + 2]) << 8U | bytes[at + 3];
}

// SQLite takes a file that lost its end for a shorter one. Its header knows better (file format,
// section 1.3.7); read through SQLite's own handle and lock, so that no writer is half way.
bool lost_its_end(sqlite3* handle) {
    sqlite3_file* file = nullptr;
    if (sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK ||
        file == nullptr || file->pMethods == nullptr)
        return false;
    std::array<unsigned char, 100> header{};
    sqlite3_int64 size = 0;
    if (file->pMethods->xRead(file, header.data(), static_cast<int>(header.size()), 0) !=
            SQLITE_OK ||
        file->pMethods->xFileSize(file, &size) != SQLITE_OK)
        return true;
    const std::uint32_t stored_page = static_cast<std::uint32_t>(header[16]) << 8U | header[17];
    const std::uint32_t page = stored_page == 1 ? 65536 : stored_page;
    const bool counted = big_endian(header, 24) == big_endian(header, 92);
    return counted && size < static_cast<sqlite3_int64>(big_endian(header, 28)) * page;
}

} // namespace

SqliteDatabase::SqliteDatabase(std::unique_ptr<State> state) : state_(std::move(state)) {}
SqliteDatabase::~SqliteDatabase() = default;

namespace {

// Whether a file that is refused for its mode is at least a whole database of ours: what it is
// comes before how it is kept.
bool looks_like_ours(const fs::path& path) {
    std::array<unsigned char, 100> header{};
    std::FILE* file = std::fopen(path.c_str(), "rbe");
    if (file == nullptr)
        return true;
    const std::size_t count = std::fread(header.data(), 1, header.size(), file);
    std::fclose(file);
    std::error_code unknown;
    const std::uintmax_t size = fs::file_size(path, unknown);
    const std::uint64_t page = static_cast<std::uint64_t>(header[16]) << 8U | header[17];
    return count == header.size() && big_endian(header, 68) == application_id &&
           size >= big_endian(header, 28) * page;
}

// Fails unless the file and its journals are ours alone.
Status check_files(const fs::path& path) {
    const auto present = check_private_file("database", path);
    std::error_code unknown;
    if (!present && fs::symlink_status(path, unknown).type() == fs::file_type::regular &&
        !looks_like_ours(path))
        return fail(
            ErrorCode::database_corrupt,
            fmt::format("'{}' is no {} database, or not all of one", path.string(), program),
            "name another file with --db");
    if (!present)
        return fail(present.error());
    // SQLite would replay a stranger's journal into the database.
    for (const char* suffix : {"-journal", "-wal"})
        AUTH_CHECK(check_private_file("journal", path.string() + suffix));
    if (!*present)
        return fail(ErrorCode::database_missing,
                    fmt::format("there is no database '{}'", path.string()), NextStep{"db init"});
    return {};
}

} // namespace

Result<std::unique_ptr<SqliteDatabase>> SqliteDatabase::open_to_look(const fs::path& path) {
    AUTH_CHECK(check_files(path));
    try {
        std::unique_ptr<SqliteDatabase> database(new SqliteDatabase(
            std::make_unique<State>(path.string(), SQLite::OPEN_READONLY | unshared, 0)));
        AUTH_CHECK(database->recognise());
        return database;
    } catch (const SQLite::Exception& exception) {
        return fail(describe_sqlite(exception, path.string()));
    }
}

Result<std::unique_ptr<SqliteDatabase>> SqliteDatabase::open(const fs::path& path,
                                                             LockHolds holds) {
    AUTH_CHECK(check_files(path));
    // A journal may be played back, and what is older is migrated.
    const auto held = take(holds.writing);
    try {
        std::unique_ptr<SqliteDatabase> database(new SqliteDatabase(
            std::make_unique<State>(path.string(), SQLite::OPEN_READWRITE | unshared)));
        database->state_->holds = std::move(holds);
        AUTH_CHECK(database->recognise());
        AUTH_CHECK(migrate(*database));
        return database;
    } catch (const SQLite::Exception& exception) {
        return fail(describe_sqlite(exception, path.string()));
    }
}

Status SqliteDatabase::recognise() {
    const Snapshot snapshot(*this);
    const auto refuse = [&](std::string_view why, Hint hint) {
        return fail(ErrorCode::database_corrupt, fmt::format("'{}' {}", state_->path, why),
                    std::move(hint));
    };
    SQLite::Database& handle = state_->handle;
    if (handle.execAndGet("PRAGMA application_id").getInt() != application_id)
        return refuse(fmt::format("is not an {} database", program), "name another file with --db");
    const int version = handle.execAndGet("PRAGMA user_version").getInt();
    if (version < 1)
        return refuse("has no schema", "restore it from a backup");
    if (lost_its_end(handle.getHandle()))
        return refuse("has lost its end", "restore it from a backup");
    if (version > newest_version(sqlite_migrations()))
        return {}; // whether to go on is the caller's to say; what belongs there is not known here
    if (const auto differences = schema_differences(handle, version); !differences.empty())
        return fail(schema_refusal(state_->path, differences));
    return {};
}

Result<std::unique_ptr<SqliteDatabase>> SqliteDatabase::create(const fs::path& path) {
    if (auto made = create_private_file(path, ""); !made)
        return made.error().code == ErrorCode::exists
                   ? fail(ErrorCode::exists,
                          fmt::format("the database '{}' already exists", path.string()),
                          NextStep{"db status"})
                   : fail(std::move(made).error());
    try {
        std::unique_ptr<SqliteDatabase> database(new SqliteDatabase(
            std::make_unique<State>(path.string(), SQLite::OPEN_READWRITE | unshared)));
        database->state_->handle.exec(fmt::format("PRAGMA application_id={}", application_id));
        return database;
    } catch (const SQLite::Exception& exception) {
        return fail(describe_sqlite(exception, path.string()));
    }
}

std::unique_ptr<SqliteDatabase> SqliteDatabase::in_memory() {
    return std::unique_ptr<SqliteDatabase>(new SqliteDatabase(std::make_unique<State>(
        ":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | unshared)));
}

const Dialect& SqliteDatabase::dialect() const {
    static constexpr Dialect dialect{
        .engine = "sqlite",
        .text_array = "json_group_array({0})",
        .json_member = "json_extract({0}, '$.\"' || {1} || '\"')",
        .texts_of = "SELECT value FROM json_each({0})",
        .audit_lanes = 1,
        .appends_audit = false,
        .audit_writers = "",
    };
    return dialect;
}

Statement& SqliteDatabase::prepare(std::string_view sql) {
    auto found = state_->statements.find(sql);
    if (found == state_->statements.end()) {
        auto made = state_->guard([&] {
            return std::make_unique<SqliteStatement>(state_->handle, std::string(sql), state_->path,
                                                     state_->gathering, state_->holds.reading);
        });
        found = state_->statements.emplace(sql, std::move(made)).first;
    }
    found->second->reset();
    return *found->second;
}

void SqliteDatabase::execute(const std::string& sql) {
    state_->gathering.write();
    state_->guard([&] { state_->handle.exec(sql); });
}

std::int64_t SqliteDatabase::changes() {
    return state_->handle.getChanges();
}

int SqliteDatabase::schema_version() {
    return state_->guard([&] { return state_->handle.execAndGet("PRAGMA user_version").getInt(); });
}

void SqliteDatabase::set_schema_version(int version) {
    execute(fmt::format("PRAGMA user_version={}", version));
}

const std::vector<std::pair<std::string_view, std::string_view>>&
SqliteDatabase::migrations() const {
    return sqlite_migrations();
}

void SqliteDatabase::expect_much() {
    execute("PRAGMA cache_size=-49152"); // KiB: a million imported users take less than 100 MB
}

std::unique_ptr<BulkInsert> SqliteDatabase::bulk_insert(std::string_view sql,
                                                        WhenTaken when_taken) {
    return state_->gathering.insert(PlainInsert::of(sql), when_taken);
}

std::vector<TableColumn> SqliteDatabase::columns(std::string_view table) {
    std::vector<TableColumn> out;
    Statement& rows = prepare("SELECT name, type FROM pragma_table_info(?1) ORDER BY cid");
    for (rows.with(table); rows.step();) {
        const std::string type = rows.text(1);
        out.push_back({rows.text(0), type == "INTEGER" ? TableColumn::Type::integer
                                     : type == "TEXT"  ? TableColumn::Type::text
                                                       : TableColumn::Type::blob});
    }
    return out;
}

std::vector<IntegrityProblem> SqliteDatabase::integrity_problems() {
    std::vector<IntegrityProblem> problems;
    for (Statement& check = prepare("PRAGMA integrity_check"); check.step();) {
        if (check.text(0) != "ok")
            problems.push_back({check.text(0)});
    }
    for (Statement& check = prepare("PRAGMA foreign_key_check"); check.step();)
        problems.push_back(
            {fmt::format("a row of {} refers to a missing row of {}", check.text(0), check.text(2)),
             check.text(0)});
    return problems;
}

std::string SqliteDatabase::location() const {
    return state_->path;
}

std::optional<std::int64_t> SqliteDatabase::size() {
    std::error_code unknown;
    const auto bytes = fs::file_size(state_->path, unknown);
    return unknown ? std::nullopt : std::optional(static_cast<std::int64_t>(bytes));
}

void SqliteDatabase::begin_snapshot() {
    auto held = take(state_->holds.reading);
    execute("BEGIN");
    state_->held = std::move(held);
}

void SqliteDatabase::end_snapshot() noexcept {
    roll_back(0);
}

// A file has one writer, whatever it writes.
void SqliteDatabase::begin(int depth, const Locks& /*locks*/) {
    auto held = depth == 0 ? take(state_->holds.writing) : nullptr;
    // Finished readers must not hold a lock that the writer would wait for.
    if (depth == 0)
        state_->reset_statements();
    execute(depth == 0 ? "BEGIN IMMEDIATE" : fmt::format("SAVEPOINT level_{}", depth));
    if (held)
        state_->held = std::move(held);
}

void SqliteDatabase::commit(int depth) {
    if (depth == 0)
        state_->reset_statements();
    state_->gathering.write();
    if (state_->gathering.lost())
        broken_database(error(ErrorCode::internal,
                              fmt::format("'{}' lost rows of the transaction", state_->path)));
    execute(depth == 0 ? "COMMIT" : fmt::format("RELEASE level_{}", depth));
    if (depth == 0)
        state_->held.reset();
}

void SqliteDatabase::roll_back(int depth) noexcept {
    try {
        state_->gathering.drop();
        state_->reset_statements();
        execute(depth == 0 ? "ROLLBACK"
                           : fmt::format("ROLLBACK TO level_{0}; RELEASE level_{0}", depth));
    } catch (const Failure&) {
        // SQLite has already rolled back by itself; there is nothing left to undo.
    }
    if (depth == 0)
        state_->held.reset();
}

} // namespace auth
