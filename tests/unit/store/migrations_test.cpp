#include "core/store/migrations.h"
#include "core/store/sqlite_database.h"
#include "support/at_once.h"
#include "support/catch.h"
#include "support/temp_directory.h"

#include <atomic>
#include <vector>

using namespace auth;

namespace {

std::int64_t tables(Database& database) {
    Statement& row = database.prepare("SELECT count(*) FROM sqlite_master WHERE type = 'table'");
    REQUIRE(row.step());
    return row.integer(0);
}

} // namespace

TEST_CASE("an empty database gets every step once") {
    const auto database = SqliteDatabase::in_memory();
    const int newest = static_cast<int>(sqlite_migrations().size());
    REQUIRE(newest > 0);
    CHECK(migrate(*database) == newest);
    CHECK(database->schema_version() == newest);
    CHECK(database->steps_taken() == newest);
    CHECK(tables(*database) > 10);
    CHECK(migrate(*database) == 0);
    CHECK(database->steps_taken() == newest);
    CHECK(database->integrity_problems().empty());
}

TEST_CASE("migrations are numbered without gaps") {
    std::string before = "0000";
    for (const auto& [name, sql] : sqlite_migrations()) {
        CHECK(std::stoi(std::string(name.substr(0, 4))) == std::stoi(before) + 1);
        CHECK_FALSE(sql.empty());
        before = name.substr(0, 4);
    }
}

TEST_CASE("of eight that open an old database at once, one migrates it") {
    test::TempDirectory directory;
    const auto path = directory / "auth.db";
    (void)SqliteDatabase::create(path); // no schema yet
    std::atomic<int> steps = 0;
    std::atomic<int> migrators = 0;
    const auto thrown = test::at_once(8, [&](unsigned) {
        const auto database = SqliteDatabase::open(path);
        steps += database->steps_taken();
        migrators += database->steps_taken() > 0;
    });
    CHECK(thrown == std::vector<std::string>());
    CHECK(migrators == 1);
    CHECK(steps == static_cast<int>(sqlite_migrations().size()));
}

TEST_CASE("a newer schema is not touched") {
    const auto database = SqliteDatabase::in_memory();
    database->set_schema_version(static_cast<int>(sqlite_migrations().size()) + 1);
    CHECK_THROWS_AS(migrate(*database), Failure);
    CHECK(tables(*database) == 0);
}

TEST_CASE("a migration that fails half way leaves nothing of itself") {
    const auto database = SqliteDatabase::in_memory();
    database->execute("CREATE TABLE audit_head (in_the_way INTEGER) STRICT");
    CHECK_THROWS_AS(migrate(*database), Failure);
    CHECK(database->schema_version() == 0);
    CHECK(tables(*database) == 1);
    CHECK(database->steps_taken() == 0);
}
