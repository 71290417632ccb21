#include "core/store/migrations.h"
#include "core/store/sqlite/sqlite_database.h"
#include "core/store/sqlite/sqlite_schema.h"
#include "support/catch.h"
#include "support/test_realm.h"

#include <sqlite3.h>

using namespace auth;
using test::TestRealm;

namespace {

// As anybody does who may write the file: without our connection's defences.
void plant(const std::filesystem::path& path, const char* sql) {
    sqlite3* handle = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &handle) == SQLITE_OK);
    CHECK(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(handle);
}

struct Planted {
    const char* sql;
    const char* said;
};

} // namespace

TEST_CASE("the digest of the newest schema is that of the migrations") {
    // A migration that was released is not edited: a new one is added, and this digest with it.
    const int newest = newest_version(sqlite_migrations());
    CHECK(schema_digest(expected_schema(newest)) == newest_schema_digest());
    CHECK(schema_digest(expected_schema(newest - 1)) != newest_schema_digest());
}

TEST_CASE("what no migration made is refused at the next opening, and named") {
    const Planted plants[] = {
        {"CREATE TRIGGER calm AFTER INSERT ON attempts BEGIN DELETE FROM attempts; END",
         "trigger 'calm' on attempts"},
        {"CREATE VIEW old_users AS SELECT * FROM users", "view 'old_users'"},
        {"CREATE TABLE notes (text)", "table 'notes'"},
        {"CREATE VIRTUAL TABLE words USING fts5(word)", "virtual table 'words'"},
        {"CREATE INDEX by_name ON users (name)", "index 'by_name' on users"},
        {"DROP INDEX sessions_by_user", "missing index 'sessions_by_user' on sessions"},
        {"DROP TABLE codes", "missing table 'codes'"},
        {"ALTER TABLE users ADD COLUMN twin TEXT GENERATED ALWAYS AS (email) VIRTUAL",
         "altered table 'users'"},
        {"ALTER TABLE roles RENAME COLUMN description TO described", "altered table 'roles'"},
        {"PRAGMA writable_schema=ON; UPDATE sqlite_master SET sql = replace(sql, 'failures >= 0',"
         " 'failures >= -9') WHERE name = 'attempts'",
         "altered table 'attempts'"},
        {"PRAGMA writable_schema=ON; INSERT INTO sqlite_master VALUES ('table', 'sqlite_stat1',"
         " 'sqlite_stat1', 2, 'CREATE TABLE sqlite_stat1(tbl,idx,stat,more)')",
         "table 'sqlite_stat1'"},
        {"CREATE VIEW \"a\x1b[2Jb\" AS SELECT 1", "view 'a\\x1b[2Jb'"},
    };
    for (const auto& [sql, said] : plants) {
        const TestRealm realm;
        plant(realm.database_path(), sql);
        for (const auto& opened :
             {SqliteDatabase::open(realm.database_path()).map([](auto&&) {}),
              SqliteDatabase::open_to_look(realm.database_path()).map([](auto&&) {})}) {
            REQUIRE_FALSE(opened);
            CHECK(opened.error().code == ErrorCode::database_corrupt);
            CHECK(opened.error().message.find(said) != std::string::npos);
        }
    }
}

TEST_CASE("much that no migration made is told in a few words") {
    const TestRealm realm;
    for (const char* name : {"a", "b", "c", "d", "e", "f", "g"})
        plant(realm.database_path(), ("CREATE TABLE " + std::string(name) + " (x)").c_str());
    const Error refused = SqliteDatabase::open(realm.database_path()).error();
    CHECK(refused.message.ends_with("table 'd', table 'e' and 2 more"));
}

TEST_CASE("what SQLite keeps for itself is no plant") {
    const TestRealm realm;
    plant(realm.database_path(), "ANALYZE");
    plant(realm.database_path(), "CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT);"
                                 "DROP TABLE counted");
    plant(realm.database_path(), "VACUUM");
    CHECK(SqliteDatabase::open(realm.database_path()));
}

TEST_CASE("an older database is compared with its own version before it is migrated") {
    for (int version = 1; version < newest_version(sqlite_migrations()); ++version) {
        const test::TempDirectory directory;
        const auto path = directory / "auth.db";
        {
            const auto old = SqliteDatabase::create(path).value();
            for (int step = 0; step < version; ++step)
                old->execute(
                    std::string(sqlite_migrations()[static_cast<std::size_t>(step)].second));
            old->set_schema_version(version);
        }
        const auto before = SqliteDatabase::open_to_look(path);
        CHECK(before);
        plant(path, "CREATE VIEW v AS SELECT 1");
        CHECK(SqliteDatabase::open(path).error().code == ErrorCode::database_corrupt);
        plant(path, "DROP VIEW v");
        CHECK(SqliteDatabase::open(path));
    }
}

TEST_CASE("a version that does not match its schema is refused") {
    const TestRealm realm;
    plant(realm.database_path(), "PRAGMA user_version=1");
    CHECK(SqliteDatabase::open(realm.database_path()).error().code == ErrorCode::database_corrupt);
}
