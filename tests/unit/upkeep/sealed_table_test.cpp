#include "core/accounts/verification.h"
#include "core/store/copy_table.h"
#include "core/upkeep/sealed_table.h"
#include "support/catch.h"
#include "support/test_realm.h"

#include <algorithm>
#include <filesystem>

using namespace auth;
using test::TestRealm;

TEST_CASE("every sealed column is looked into") {
    TestRealm realm;
    const auto known = sealed_table::columns();
    for (const std::string_view table : copy_table::tables())
        for (const TableColumn& column : realm.database().columns(table))
            if (column.name.starts_with("sealed_")) {
                CAPTURE(std::string(table), column.name);
                CHECK(std::any_of(known.begin(), known.end(), [&](const auto& each) {
                    return each.table == table && each.column == column.name;
                }));
            }
}

TEST_CASE("a sealed value that was altered or moved is found by its row") {
    TestRealm realm;
    for (const char* address : {"ann@example.org", "bob@example.org"}) {
        const User user = test::add_user(realm, {address});
        Transaction transaction(realm.database());
        post_verification(realm, user);
        transaction.commit();
    }
    CHECK(sealed_table::altered(realm.database(), realm.vault()).value().empty());

    SECTION("moved") {
        realm.execute("UPDATE outbox SET sealed_mail = (SELECT sealed_mail FROM outbox o"
                      " WHERE o.seq = 2) WHERE seq = 1");
        const auto found = sealed_table::altered(realm.database(), realm.vault()).value();
        REQUIRE(found.size() == 1);
        CHECK(found.front().where.table == "outbox");
        CHECK(found.front().rows ==
              std::vector{realm.query("SELECT id FROM outbox WHERE seq = 1")});
    }
    SECTION("altered") {
        realm.execute("UPDATE signing_keys SET sealed_jwk = x'00'");
        const auto found = sealed_table::altered(realm.database(), realm.vault()).value();
        REQUIRE(found.size() == 1);
        CHECK(found.front().where.column == "sealed_jwk");
        CHECK(found.front().rows == std::vector{realm.query("SELECT kid FROM signing_keys")});
    }
    SECTION("without the key nothing can be said") {
        std::filesystem::remove(realm.key_path());
        realm.reopen();
        CHECK(sealed_table::altered(realm.database(), realm.vault()).error().code ==
              ErrorCode::key_mismatch);
    }
}
