#include "core/accounts/accounts.h"
#include "core/users/roles.h"
#include "support/catch.h"
#include "support/test_realm.h"

using namespace auth;
using test::role;
using test::TestRealm;

namespace {

using Roles = std::vector<std::string>;

using Change = Result<bool> (*)(Realm&, User&, const std::vector<RoleName>&);

Result<bool> change(TestRealm& realm, Change act, User& user,
                    std::initializer_list<const char*> names) {
    std::vector<RoleName> roles;
    for (const char* name : names)
        roles.push_back(role(name));
    Transaction transaction(realm.database());
    auto changed = act(realm, user, roles);
    if (changed)
        transaction.commit();
    return changed;
}

} // namespace

TEST_CASE("roles are listed by name with the number of their users") {
    TestRealm realm;
    REQUIRE(create_role(realm, role("tester"), "May test"));
    REQUIRE(create_role(realm, role("admin"), ""));
    User user = test::add_user(realm);
    REQUIRE(change(realm, grant_roles, user, {"tester"}));
    realm.reopen();
    const auto roles = list_roles(realm);
    REQUIRE(roles.size() == 2);
    CHECK(roles[0].name == "admin");
    CHECK(roles[0].description.empty());
    CHECK(roles[0].users == 0);
    CHECK(roles[1].name == "tester");
    CHECK(roles[1].description == "May test");
    CHECK(roles[1].users == 1);
    CHECK(roles[1].created_at == realm.clock.now());
}

TEST_CASE("a role is made once") {
    TestRealm realm;
    REQUIRE(create_role(realm, role("admin"), ""));
    const auto again = create_role(realm, role("admin"), "");
    REQUIRE_FALSE(again);
    CHECK(again.error().code == ErrorCode::exists);
    CHECK(again.error().field == "role");
    CHECK(create_role(realm, role("other"), "two\nlines").error().code == ErrorCode::usage);
    CHECK(list_roles(realm).size() == 1);
}

TEST_CASE("an unknown role is not found, and the nearest is named") {
    TestRealm realm;
    CHECK(find_role(realm, role("admin")).error().hint == NextStep{"role list"});
    REQUIRE(create_role(realm, role("admin"), ""));
    const auto refused = find_role(realm, role("admim"));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::not_found);
    CHECK(refused.error().hint == "did you mean 'admin'?");
}

TEST_CASE("granting and revoking say whether anything changed") {
    TestRealm realm;
    REQUIRE(create_role(realm, role("a"), ""));
    REQUIRE(create_role(realm, role("b"), ""));
    User user = test::add_user(realm);
    CHECK(*change(realm, grant_roles, user, {"b", "a", "b"}));
    CHECK(user.roles == Roles{"a", "b"});
    const std::size_t rows = realm.events().size();
    CHECK_FALSE(*change(realm, grant_roles, user, {"a"}));
    CHECK(realm.events().size() == rows);
    CHECK(*change(realm, revoke_roles, user, {"a"}));
    CHECK_FALSE(*change(realm, revoke_roles, user, {"a"}));
    realm.reopen();
    CHECK(test::stored_user(realm).roles == Roles{"b"});
    CHECK(realm.events().back() == "privilege_revoked");
}

TEST_CASE("of several roles all are granted or none") {
    TestRealm realm;
    REQUIRE(create_role(realm, role("a"), ""));
    User user = test::add_user(realm);
    CHECK_FALSE(change(realm, grant_roles, user, {"a", "missing"}));
    CHECK(test::stored_user(realm).roles.empty());
}

TEST_CASE("deleting a role takes it from everybody") {
    TestRealm realm;
    REQUIRE(create_role(realm, role("a"), ""));
    REQUIRE(create_role(realm, role("b"), ""));
    User user = test::add_user(realm);
    REQUIRE(change(realm, grant_roles, user, {"a", "b"}));
    const auto deleted = delete_role(realm, role("a"));
    REQUIRE(deleted);
    CHECK(deleted->users == 1);
    CHECK_FALSE(delete_role(realm, role("a")));
    realm.reopen();
    CHECK(test::stored_user(realm).roles == Roles{"b"});
    CHECK(list_roles(realm).size() == 1);
}

TEST_CASE("a new user may start with roles") {
    TestRealm realm;
    REQUIRE(create_role(realm, role("a"), ""));
    NewUser wanted(test::email("ann@example.org"));
    wanted.roles = {role("a"), role("a")};
    const auto created = create_user(realm, wanted);
    REQUIRE(created);
    CHECK(created->roles == Roles{"a"});
    realm.reopen();
    CHECK(test::stored_user(realm).roles == Roles{"a"});
}
