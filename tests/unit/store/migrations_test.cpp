#include "core/store/migrations.h"
#include "core/store/sqlite/sqlite_database.h"
#include "support/at_once.h"
#include "support/catch.h"
#include "support/test_realm.h"

#include <atomic>
#include <vector>

using namespace auth;

namespace {

std::int64_t tables(Database& database) {
    Statement& row = database.prepare("SELECT count(*) FROM sqlite_master WHERE type = 'table'");
    REQUIRE(row.step());
    return row.integer(0);
}

// An existing database as the next version of the program sees it: with one more step to take.
class NextVersion final : public Database {
  public:
    NextVersion(const std::filesystem::path& path, std::string_view step)
        : kept_(SqliteDatabase::open(path).value()), steps_(sqlite_migrations()) {
        steps_.emplace_back("9999_next", step);
    }
    [[nodiscard]] const Dialect& dialect() const override { return kept_->dialect(); }
    [[nodiscard]] std::vector<TableColumn> columns(std::string_view table) override {
        return kept_->columns(table);
    }
    [[nodiscard]] std::optional<std::int64_t> size() override { return kept_->size(); }
    Statement& prepare(std::string_view sql) override { return kept_->prepare(sql); }
    void execute(const std::string& sql) override { kept_->execute(sql); }
    [[nodiscard]] std::int64_t changes() override { return kept_->changes(); }
    void expect_much() override { kept_->expect_much(); }
    [[nodiscard]] std::unique_ptr<BulkInsert> bulk_insert(std::string_view sql,
                                                          WhenTaken when_taken) override {
        return kept_->bulk_insert(sql, when_taken);
    }
    [[nodiscard]] int schema_version() override { return kept_->schema_version(); }
    void set_schema_version(int version) override { kept_->set_schema_version(version); }
    [[nodiscard]] const Migrations& migrations() const override { return steps_; }
    [[nodiscard]] std::vector<IntegrityProblem> integrity_problems() override {
        return kept_->integrity_problems();
    }
    [[nodiscard]] std::string location() const override { return kept_->location(); }

  protected:
    void begin_snapshot() override {}
    void end_snapshot() noexcept override {}
    void begin(int, const Locks&) override {
        open_.emplace_back(std::make_unique<Transaction>(*kept_));
    }
    void commit(int) override {
        open_.back()->commit();
        open_.pop_back();
    }
    void roll_back(int) noexcept override { open_.pop_back(); }

  private:
    std::unique_ptr<SqliteDatabase> kept_;
    Migrations steps_;
    std::vector<std::unique_ptr<Transaction>> open_;
};

} // namespace

TEST_CASE("an empty database gets every step once") {
    const auto database = SqliteDatabase::in_memory();
    const int newest = newest_version(sqlite_migrations());
    REQUIRE(newest > 0);
    CHECK(migrate(*database).value() == newest);
    CHECK(database->schema_version() == newest);
    CHECK(database->steps_taken() == newest);
    CHECK(tables(*database) > 10);
    CHECK(migrate(*database).value() == 0);
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
    REQUIRE(migrate(*SqliteDatabase::create(path).value()));
    std::vector<std::unique_ptr<NextVersion>> processes;
    for (int i = 0; i < 8; ++i)
        processes.push_back(
            std::make_unique<NextVersion>(path, "CREATE TABLE next (name TEXT) STRICT"));
    std::atomic<int> migrators = 0;
    const auto thrown =
        test::at_once(8, [&](unsigned i) { migrators += migrate(*processes.at(i)).value(); });
    CHECK(thrown == std::vector<std::string>());
    CHECK(migrators == 1);
}

TEST_CASE("an old database takes the missing steps, and keeps what it holds") {
    test::TestRealm realm;
    test::add_user(realm);
    NextVersion database(realm.database_path(), "CREATE TABLE next (name TEXT) STRICT");
    CHECK(migrate(database).value() == 1);
    CHECK(migrate(database).value() == 0);
    CHECK(database.steps_taken() == 1);
    CHECK(database.schema_version() == 9999);
    CHECK(realm.count("SELECT count(*) FROM users") == 1);
    // This program is too old for it now.
    CHECK(SqliteDatabase::open(realm.database_path()).error().code == ErrorCode::schema_too_new);
}

TEST_CASE("a file without a schema is not taken for an old database") {
    test::TempDirectory directory;
    REQUIRE(SqliteDatabase::create(directory / "auth.db"));
    CHECK(SqliteDatabase::open(directory / "auth.db").error().code == ErrorCode::database_corrupt);
}

TEST_CASE("a step that fails half way leaves an old database as it was") {
    test::TestRealm realm;
    test::add_user(realm);
    const int before = realm.database().schema_version();
    NextVersion database(realm.database_path(), "DELETE FROM users; CREATE TABLE users (x TEXT)");
    CHECK_THROWS_AS((void)migrate(database), Failure);
    CHECK(realm.database().schema_version() == before);
    CHECK(realm.count("SELECT count(*) FROM users") == 1);
}

TEST_CASE("a newer schema is not touched") {
    const auto database = SqliteDatabase::in_memory();
    database->set_schema_version(newest_version(sqlite_migrations()) + 1);
    CHECK(migrate(*database).error().code == ErrorCode::schema_too_new);
    CHECK(tables(*database) == 0);
}

TEST_CASE("a migration that fails half way leaves nothing of itself") {
    const auto database = SqliteDatabase::in_memory();
    database->execute("CREATE TABLE audit_head (in_the_way INTEGER) STRICT");
    CHECK_THROWS_AS((void)migrate(*database), Failure);
    CHECK(database->schema_version() == 0);
    CHECK(tables(*database) == 1);
    CHECK(database->steps_taken() == 0);
}
