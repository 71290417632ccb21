#include "core/store/migrations.h"
#include "core/store/sqlite/sqlite_database.h"
#include "support/at_once.h"
#include "support/catch.h"
#include "support/files.h"
#include "support/test_realm.h"

#include <fstream>
#include <functional>
#include <sys/stat.h>
#include <vector>

using namespace auth;
using test::content;
using test::TestRealm;
namespace fs = std::filesystem;

namespace {

ErrorCode code_of(const std::function<void()>& act) {
    try {
        act();
    } catch (const Failure& failure) {
        return failure.error().code;
    }
    throw std::logic_error("nothing failed");
}

fs::path written(const fs::path& path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
    fs::permissions(path, fs::perms(0600));
    return path;
}

std::int64_t value(Database& database, std::string_view sql) {
    Statement& row = database.prepare(sql);
    if (!row.step())
        throw std::logic_error("no row");
    const std::int64_t found = row.integer(0);
    row.reset();
    return found;
}

std::int64_t rows(Database& database) {
    return value(database, "SELECT count(*) FROM things");
}

struct Things {
    std::unique_ptr<SqliteDatabase> database = SqliteDatabase::in_memory();
    Things() { database->execute("CREATE TABLE things (name TEXT NOT NULL UNIQUE) STRICT"); }
    void add(const char* name) const {
        database->prepare("INSERT INTO things (name) VALUES (?1)").with(name).run();
    }
};

} // namespace

TEST_CASE("a transaction that is not committed leaves nothing") {
    const Things things;
    {
        const Transaction transaction(*things.database);
        things.add("a");
        CHECK(rows(*things.database) == 1);
    }
    CHECK(rows(*things.database) == 0);
    Transaction transaction(*things.database);
    things.add("a");
    transaction.commit();
    CHECK(rows(*things.database) == 1);
}

TEST_CASE("an inner transaction is undone alone") {
    const Things things;
    Transaction outer(*things.database);
    things.add("a");
    {
        const Transaction inner(*things.database);
        things.add("b");
    }
    {
        Transaction inner(*things.database);
        things.add("c");
        {
            const Transaction innermost(*things.database);
            things.add("d");
        }
        inner.commit();
    }
    outer.commit();
    CHECK(value(*things.database, "SELECT count(*) FROM things WHERE name IN ('a', 'c')") == 2);
    CHECK(rows(*things.database) == 2);
}

TEST_CASE("an outer transaction that is never committed makes a dry run") {
    TestRealm realm;
    {
        const Transaction outer(realm.database());
        {
            Transaction inner(realm.database());
            realm.execute("INSERT INTO settings VALUES ('a', 'b', 1)");
            inner.commit();
        }
        CHECK(realm.count("SELECT count(*) FROM settings") == 1);
    }
    CHECK(realm.count("SELECT count(*) FROM settings") == 0);
    realm.reopen();
    CHECK(realm.count("SELECT count(*) FROM settings") == 0);
}

TEST_CASE("a dry run undoes what is committed, but for what must count") {
    const Things things;
    things.database->set_dry_run(true);
    {
        Transaction outer(*things.database);
        Transaction inner(*things.database);
        things.add("a");
        inner.commit();
        outer.commit();
        CHECK(rows(*things.database) == 1);
    }
    CHECK(rows(*things.database) == 0);
    {
        Transaction transaction(*things.database);
        things.add("b");
        transaction.commit_for_certain();
    }
    CHECK(rows(*things.database) == 1);
}

TEST_CASE("a failure inside a transaction undoes it, and the next one works") {
    const Things things;
    CHECK_THROWS_AS(
        [&] {
            Transaction transaction(*things.database);
            things.add("a");
            things.add("a");
            transaction.commit();
        }(),
        Failure);
    CHECK(rows(*things.database) == 0);
    Transaction transaction(*things.database);
    things.add("a");
    transaction.commit();
    CHECK(rows(*things.database) == 1);
}

TEST_CASE("a second writer is told that the database is busy, and nothing changes") {
    TestRealm realm;
    const auto other = realm.connect();
    other->execute("PRAGMA busy_timeout=20");
    {
        Transaction holder(realm.database());
        CHECK(code_of([&] { const Transaction waits(*other); }) == ErrorCode::database_busy);
        realm.execute("INSERT INTO settings VALUES ('a', 'b', 1)");
        holder.commit();
    }
    Transaction now(*other);
    CHECK(value(*other, "SELECT count(*) FROM settings") == 1);
    now.commit();
}

TEST_CASE("a commit that a reader holds up fails whole") {
    TestRealm realm;
    const auto reader = realm.connect();
    Statement& slow = reader->prepare("SELECT name FROM meta");
    REQUIRE(slow.step());
    realm.execute("PRAGMA busy_timeout=20");
    CHECK(code_of([&] {
              Transaction transaction(realm.database());
              realm.execute("INSERT INTO settings VALUES ('a', 'b', 1)");
              transaction.commit();
          }) == ErrorCode::database_busy);
    slow.reset();
    CHECK(realm.count("SELECT count(*) FROM settings") == 0);
    Transaction transaction(realm.database());
    realm.execute("INSERT INTO settings VALUES ('a', 'b', 1)");
    transaction.commit();
    realm.reopen();
    CHECK(realm.count("SELECT count(*) FROM settings") == 1);
}

TEST_CASE("writers wait for each other, and no update is lost") {
    TestRealm realm;
    realm.execute("INSERT INTO settings VALUES ('n', '0', 1)");
    const auto thrown = test::at_once(4, [&](unsigned) {
        const auto mine = realm.connect();
        for (int i = 0; i < 10; ++i) {
            Transaction transaction(*mine);
            const std::int64_t before =
                value(*mine, "SELECT CAST(value AS INTEGER) FROM settings WHERE name = 'n'");
            mine->prepare("UPDATE settings SET value = ?1 WHERE name = 'n'")
                .with(std::to_string(before + 1))
                .run();
            transaction.commit();
        }
    });
    CHECK(thrown == std::vector<std::string>());
    CHECK(realm.query("SELECT value FROM settings WHERE name = 'n'") == "40");
}

TEST_CASE("what is not there is missing, and is not made") {
    test::TempDirectory directory;
    const auto opened = SqliteDatabase::open(directory / "auth.db");
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == ErrorCode::database_missing);
    CHECK(opened.error().hint == NextStep{"db init"});
    CHECK(SqliteDatabase::open_to_look(directory / "auth.db").error().code ==
          ErrorCode::database_missing);
    CHECK_FALSE(fs::exists(directory / "auth.db"));
}

TEST_CASE("a file that is not ours is refused and left alone") {
    test::TempDirectory directory;
    SqliteDatabase::create(directory / "foreign").value()->execute("PRAGMA application_id=7");
    const fs::path files[] = {
        directory / "foreign",
        written(directory / "text", std::string(5000, 'x')),
        written(directory / "empty", ""),
        written(directory / "short", "SQLite format 3"),
    };
    for (const fs::path& path : files) {
        CAPTURE(path);
        const std::string before = content(path);
        CHECK(SqliteDatabase::open(path).error().code == ErrorCode::database_corrupt);
        CHECK(content(path) == before);
    }
}

TEST_CASE("a truncated database is damaged, not empty") {
    TestRealm realm;
    const std::string whole = content(realm.database_path());
    for (const std::size_t size : {std::size_t{50}, std::size_t{1000}, std::size_t{4096},
                                   whole.size() / 2, whole.size() - 4096}) {
        CAPTURE(size);
        const fs::path cut = written(realm.directory() / "cut", whole.substr(0, size));
        CHECK(code_of([&] {
                  const auto database = SqliteDatabase::open(cut);
                  if (!database)
                      throw Failure(database.error());
                  const auto problems = (*database)->integrity_problems();
                  if (!problems.empty())
                      throw Failure(error(ErrorCode::database_corrupt, problems.front().what));
              }) == ErrorCode::database_corrupt);
        CHECK(fs::file_size(cut) == size);
    }
}

TEST_CASE("a newer schema is refused") {
    TestRealm realm;
    realm.execute("PRAGMA user_version=999");
    const auto opened = SqliteDatabase::open(realm.database_path());
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == ErrorCode::schema_too_new);
    CHECK(opened.error().hint == "install a newer auth-cli");
}

TEST_CASE("a database that others can reach is refused with its repair") {
    TestRealm realm;
    CHECK(test::mode_of(realm.database_path()) == 0600);
    fs::permissions(realm.database_path(), fs::perms(0640));
    const auto opened = SqliteDatabase::open(realm.database_path());
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == ErrorCode::unsafe_permissions);
    CHECK(opened.error().hint == "chmod 600 '" + realm.database_path().string() + "'");
}

TEST_CASE("making a database never takes another file's place") {
    test::TempDirectory directory;
    const fs::path path = written(directory / "auth.db", "mine");
    CHECK(SqliteDatabase::create(path).error().code == ErrorCode::exists);
    CHECK(content(path) == "mine");
}

TEST_CASE("every connection is set up for safety") {
    TestRealm realm;
    const auto fresh = SqliteDatabase::create(realm.directory() / "fresh.db").value();
    for (Database* database : {&realm.database(), static_cast<Database*>(fresh.get())}) {
        CHECK(value(*database, "PRAGMA foreign_keys") == 1);
        CHECK(value(*database, "PRAGMA secure_delete") == 1);
        CHECK(value(*database, "PRAGMA synchronous") == 3);
        CHECK(value(*database, "PRAGMA trusted_schema") == 0);
        CHECK(value(*database, "PRAGMA cell_size_check") == 1);
    }
    CHECK(realm.query("PRAGMA journal_mode") == "delete");
    CHECK_THROWS_AS(realm.execute("PRAGMA writable_schema=ON;"
                                  "UPDATE sqlite_master SET sql = 'x' WHERE name = 'users'"),
                    Failure);
}

TEST_CASE("every table is strict, and references are kept") {
    TestRealm realm;
    CHECK(realm.count("SELECT count(*) FROM pragma_table_list"
                      " WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'"
                      " AND strict = 0") == 0);
    CHECK_THROWS_AS(realm.execute("INSERT INTO settings VALUES ('a', 'b', 'soon')"), Failure);
    CHECK_THROWS_AS(realm.execute("INSERT INTO passwords VALUES ('nobody', 'x', 'operator', 1)"),
                    Failure);
}

TEST_CASE("deleted content is gone from the file") {
    TestRealm realm;
    const std::string marker = "a-marker-that-must-not-stay-behind";
    realm.execute("INSERT INTO settings VALUES ('a', '" + marker + "', 1)");
    CHECK(content(realm.database_path()).find(marker) != std::string::npos);
    realm.execute("DELETE FROM settings");
    CHECK(content(realm.database_path()).find(marker) == std::string::npos);
}

TEST_CASE("values come back as they were bound") {
    const auto database = SqliteDatabase::in_memory();
    const std::string bytes("a\0b", 3);
    Statement& row = database->prepare("SELECT ?1, ?2, ?3, ?4, ?5");
    row.bind(1, std::int64_t{-5}).bind(2, bytes).bind_blob(3, bytes).bind_blob(4, "");
    row.bind_null(5);
    REQUIRE(row.step());
    CHECK(row.integer(0) == -5);
    CHECK(row.text(1) == bytes);
    CHECK(row.blob(2) == bytes);
    CHECK_FALSE(row.is_null(3));
    CHECK(row.blob(3).empty());
    CHECK(row.is_null(4));
    CHECK_FALSE(row.optional_text(4));
    CHECK_FALSE(row.optional_time(4));
}

TEST_CASE("a statement asked for again starts without its old values") {
    const auto database = SqliteDatabase::in_memory();
    const char* const sql = "SELECT ?1 IS NULL";
    database->prepare(sql).bind(1, "x").run();
    Statement& again = database->prepare(sql);
    REQUIRE(again.step());
    CHECK(again.integer(0) == 1);
}

TEST_CASE("what keeps others waiting is held for as long as it does") {
    const test::TestRealm realm;
    int writing = 0;
    int reading = 0;
    const auto counting = [](int& holders) {
        return [&holders] {
            ++holders;
            return std::shared_ptr<void>(&holders, [](void* of) { --*static_cast<int*>(of); });
        };
    };
    const auto opened = SqliteDatabase::open(
        realm.database_path(), {.writing = counting(writing), .reading = counting(reading)});
    REQUIRE(opened);
    const auto& database = *opened;
    CHECK(writing == 0);
    {
        Transaction transaction(*database);
        {
            Transaction inner(*database);
            inner.commit();
        }
        CHECK(writing == 1);
        transaction.commit();
        CHECK(writing == 0);
    }
    {
        const Transaction undone(*database);
        CHECK(writing == 1);
    }
    CHECK(writing == 0);
    {
        const Snapshot snapshot(*database);
        CHECK(reading == 1);
    }
    CHECK(reading == 0);
    Statement& rows = database->prepare("SELECT 1 UNION SELECT 2");
    CHECK(rows.step());
    CHECK(reading == 1);
    rows.run();
    CHECK(reading == 0);
    rows.reset();
    CHECK(rows.first([](Statement& row) { return row.integer(0); }) == 1);
    CHECK(reading == 0);
}
