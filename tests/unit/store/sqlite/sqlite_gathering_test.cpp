#include "core/store/plain_insert.h"
#include "core/store/sqlite/sqlite_database.h"
#include "support/catch.h"
#include "support/test_realm.h"

#include <fmt/format.h>

#include <string>

using namespace auth;
using test::TestRealm;

namespace {

struct Things {
    std::unique_ptr<SqliteDatabase> database = SqliteDatabase::in_memory();

    Things() {
        database->execute("CREATE TABLE things (name TEXT NOT NULL UNIQUE, number INTEGER,"
                          " bytes BLOB) STRICT");
        database->expect_bulk();
    }
    void add(std::string_view name) const {
        database->prepare("INSERT INTO things (name) VALUES (?1)").with(name).run();
    }
    [[nodiscard]] std::string names() const {
        std::string all;
        Statement& rows = database->prepare("SELECT name FROM things ORDER BY rowid");
        while (rows.step())
            all += rows.text(0) + ' ';
        return all;
    }
};

void add_user(Database& database, std::string_view name) {
    database
        .prepare("INSERT INTO users (id, email, email_key, created_at, updated_at)"
                 " VALUES (?1, ?2, ?3, ?4, ?5)")
        .with(name, name, name, true, true)
        .run();
}

void add_password(Database& database, std::string_view user) {
    database
        .prepare("INSERT INTO passwords (user_id, hash, set_by, changed_at)"
                 " VALUES (?1, ?2, ?3, ?4)")
        .with(user, "hash", "operator", true)
        .run();
}

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
    const Things things;
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
    const Things things;
    Transaction transaction(*things.database);
    Statement& insert =
        things.database->prepare("INSERT INTO things (name, number, bytes) VALUES (?1, ?2, ?3)");
    insert.with("a\0b"s, std::int64_t{-5}).bind_blob(3, "\0\1"s).run();
    insert.reset();
    insert.bind(1, "").bind_blob(3, "").run();
    insert.reset();
    insert.bind(1, std::string(700'000, 'x')).bind(2, INT64_MAX).run();
    insert.reset();
    insert.bind(1, std::string(700'000, 'y')).run();
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
    const Things things;
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
    const Things things;
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
    database.expect_bulk();
    Transaction transaction(database);
    add_user(database, "a");
    CHECK(realm.count("SELECT count(*) FROM users") == 1);
    for (const std::string_view user : {"a", "b"}) {
        if (user == "b")
            add_user(database, user);
        add_password(database, user);
    }
    transaction.commit();
    CHECK(realm.count("SELECT count(*) FROM passwords") == 2);
}

TEST_CASE("all are inserted or none") {
    const Things things;
    Transaction transaction(*things.database);
    const auto insert = [&](const std::vector<std::string>& names) {
        return things.database->insert_all_or_none("things", [&] {
            for (const std::string& name : names)
                things.add(name);
        });
    };
    CHECK(insert({}));
    CHECK(insert({"a", "b", "c"}));
    CHECK_FALSE(insert({"d", "b", "e"}));
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
    {
        Transaction broken(*things.database);
        CHECK_THROWS_AS((void)things.database->insert_all_or_none("things",
                                                                  [&] {
                                                                      things.add("g");
                                                                      throw std::string("stop");
                                                                  }),
                        std::string);
        CHECK_THROWS_AS(broken.commit(), Failure);
    }
    CHECK(things.names() == "a b c f d ");
}
