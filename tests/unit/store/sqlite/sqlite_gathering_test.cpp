#include "core/store/plain_insert.h"
#include "core/store/sqlite/sqlite_database.h"
#include "support/catch.h"
#include "support/test_realm.h"

#include <fmt/format.h>

#include <string>

using namespace auth;
using test::TestRealm;

namespace {

struct GatheredThings {
    std::unique_ptr<SqliteDatabase> database = SqliteDatabase::in_memory();
    std::unique_ptr<BulkInsert> rows;

    GatheredThings() {
        database->execute("CREATE TABLE things (name TEXT NOT NULL UNIQUE, number INTEGER,"
                          " bytes BLOB) STRICT");
        rows = insert();
    }
    [[nodiscard]] std::unique_ptr<BulkInsert>
    insert(WhenTaken when_taken = WhenTaken::broken) const {
        return database->bulk_insert("INSERT INTO things (name) VALUES (?1)", when_taken);
    }
    void add(std::string_view name) const { rows->add(name); }
    [[nodiscard]] std::string names() const {
        std::string all;
        Statement& named = database->prepare("SELECT name FROM things ORDER BY rowid");
        while (named.step())
            all += named.text(0) + ' ';
        return all;
    }
};

} // namespace

TEST_CASE("only an insert of its parameters in order is plain") {
    const auto insert = PlainInsert::parse("INSERT INTO roles (name, description) VALUES (?1, ?2)");
    REQUIRE(insert);
    CHECK(insert->table == "roles");
    CHECK(insert->columns == "name, description");
    CHECK(insert->count == 2);
    CHECK(insert->rank < PlainInsert::parse("INSERT INTO user_roles (role) VALUES (?1)")->rank);
    for (const auto* sql :
         {"INSERT INTO roles (name) VALUES (?1) ON CONFLICT DO NOTHING",
          "INSERT INTO roles (name, description) VALUES (?2, ?1)",
          "INSERT INTO roles (name, description) VALUES (?1, 'x')",
          "INSERT INTO roles (name) VALUES (?1, ?2)", "INSERT INTO roles VALUES (?1)",
          "INSERT OR IGNORE INTO roles (name) VALUES (?1)", "UPDATE roles SET name = ?1"})
        CHECK_FALSE(PlainInsert::parse(sql));
}

TEST_CASE("gathered rows are there for whoever reads, in their order") {
    const GatheredThings things;
    std::string all;
    for (const int count : {1, 5, 64, 100, 200}) {
        Transaction transaction(*things.database);
        for (int i = 0; i < count; ++i) {
            const std::string name = fmt::format("{}-{}", count, i);
            things.add(name);
            all += name + ' ';
        }
        CHECK(things.names() == all);
        things.add(fmt::format("last-{}", count));
        all += fmt::format("last-{} ", count);
        transaction.commit();
    }
    CHECK(things.names() == all);
}

TEST_CASE("every kind of value is gathered as it is") {
    using namespace std::string_literals;
    const GatheredThings things;
    Transaction transaction(*things.database);
    const auto insert = things.database->bulk_insert(
        "INSERT INTO things (name, number, bytes) VALUES (?1, ?2, ?3)", WhenTaken::broken);
    insert->with("a\0b"s, std::int64_t{-5}).bind_blob(3, "\0\1"s).add();
    insert->bind(1, "").bind_blob(3, "").add();
    insert->bind(1, std::string(700'000, 'x')).bind(2, INT64_MAX).add();
    insert->add(std::string(700'000, 'y'));
    REQUIRE(insert->finish());
    transaction.commit();
    Statement& rows =
        things.database->prepare("SELECT name, number, bytes FROM things ORDER BY rowid");
    REQUIRE(rows.step());
    CHECK(rows.text(0) == "a\0b"s);
    CHECK(rows.integer(1) == -5);
    CHECK(rows.blob(2) == "\0\1"s);
    REQUIRE(rows.step());
    CHECK(rows.text(0).empty());
    CHECK(rows.is_null(1));
    CHECK_FALSE(rows.is_null(2));
    REQUIRE(rows.step());
    CHECK(rows.text(0).size() == 700'000);
    CHECK(rows.integer(1) == INT64_MAX);
    CHECK(rows.is_null(2));
    REQUIRE(rows.step());
    CHECK(rows.text(0) == std::string(700'000, 'y'));
    CHECK_FALSE(rows.step());
}

TEST_CASE("a transaction that lost gathered rows cannot be committed") {
    const GatheredThings things;
    {
        Transaction transaction(*things.database);
        things.add("a");
        things.add("a");
        CHECK_THROWS_AS(things.names(), Failure);
        CHECK_THROWS_AS(transaction.commit(), Failure);
    }
    Transaction transaction(*things.database);
    things.add("b");
    transaction.commit();
    CHECK(things.names() == "b ");
}

TEST_CASE("what is gathered goes with its transaction") {
    const GatheredThings things;
    Transaction outer(*things.database);
    things.add("a");
    {
        const Transaction inner(*things.database);
        things.add("b");
    }
    {
        const Transaction inner(*things.database);
        things.add("a");
        CHECK_THROWS_AS(things.names(), Failure);
    }
    things.add("c");
    outer.commit();
    CHECK(things.names() == "a c ");
    {
        const Transaction undone(*things.database);
        things.add("d");
    }
    CHECK(things.names() == "a c ");
}

TEST_CASE("gathered rows come after those they refer to") {
    TestRealm realm;
    Database& database = realm.database();
    Transaction transaction(database);
    const auto passwords =
        database.bulk_insert("INSERT INTO passwords (user_id, hash, set_by, changed_at)"
                             " VALUES (?1, ?2, ?3, ?4)");
    const auto users =
        database.bulk_insert("INSERT INTO users (id, email, email_key, created_at, updated_at)"
                             " VALUES (?1, ?2, ?3, ?4, ?5)");
    for (const std::string_view user : {"a", "b"}) {
        passwords->add(user, "hash", "operator", true);
        users->add(user, user, user, true, true);
    }
    CHECK(realm.count("SELECT count(*) FROM users") == 2);
    passwords->with("c", "hash", "operator", true).add();
    users->add("c", "c", "c", true, true);
    REQUIRE(passwords->finish());
    REQUIRE(users->finish());
    transaction.commit();
    CHECK(realm.count("SELECT count(*) FROM passwords") == 3);
}

TEST_CASE("a bulk insert takes all rows or, where one is taken, none") {
    GatheredThings things;
    Transaction transaction(*things.database);
    const auto rows = things.insert(WhenTaken::none);
    const auto insert = [&](const std::vector<std::string>& names) {
        for (const std::string& name : names)
            rows->add(name);
        return rows->finish();
    };
    CHECK(insert({}));
    CHECK(insert({"a", "b", "c"}));
    CHECK(insert({"d", "b", "e"}).error().code == ErrorCode::exists);
    CHECK(things.names() == "a b c ");
    CHECK_FALSE(insert({"d", "e", "d"}));
    things.add("f");
    CHECK(insert({"d"}));
    std::vector<std::string> many;
    for (int i = 0; i < 300; ++i)
        many.push_back(std::to_string(i));
    many.emplace_back("f");
    CHECK_FALSE(insert(many));
    transaction.commit();
    CHECK(things.names() == "a b c f d ");
}

TEST_CASE("what a bulk insert did not finish cannot be committed") {
    const GatheredThings things;
    const auto left = GENERATE(WhenTaken::broken, WhenTaken::none);
    {
        Transaction broken(*things.database);
        things.insert(left)->add("a");
        CHECK_THROWS_AS(broken.commit(), Failure);
    }
    Transaction transaction(*things.database);
    things.add("b");
    transaction.commit();
    CHECK(things.names() == "b ");
}

TEST_CASE("a statement is what its text says, whatever is gathered") {
    const GatheredThings things;
    Transaction transaction(*things.database);
    things.add("a");
    things.database->prepare("INSERT INTO things (name) VALUES (?1)").with("b").run();
    CHECK(things.database->changes() == 1);
    CHECK_THROWS_AS(
        things.database->prepare("INSERT INTO things (name) VALUES (?1)").with("b").run(), Failure);
    CHECK(things.names() == "a b ");
}
