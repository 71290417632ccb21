#include "core/accounts/credentials.h"
#include "core/accounts/hash_census.h"
#include "core/base/digest.h"
#include "core/federation/identity.h"
#include "core/federation/workload_rules.h"
#include "core/sessions/login_gates.h"
#include "core/sessions/session.h"
#include "support/catch.h"
#include "support/files.h"
#include "support/test_realm.h"

#include <algorithm>

using namespace auth;
using test::RealmKind;
using test::TestRealm;

namespace {

std::string shut(Realm& realm, std::string_view who = "ann@example.org") {
    const LoginGates found = login_gates(realm, test::user_ref(who));
    const Gate* gate = found.first_shut();
    CHECK((gate == nullptr || !gate->repair.empty()));
    return gate == nullptr ? "" : gate->name;
}

// What a login with the right password says: the reason or name of its failure.
std::string login(Realm& realm) {
    const auto grant =
        log_in(realm, test::user_ref("ann@example.org"), Secret(test::good_password), std::nullopt);
    return grant ? "" : grant.error().reason.empty() ? "failed" : grant.error().reason;
}

} // namespace

TEST_CASE("each gate is shut by what shuts it for a login, and looking writes nothing") {
    struct Case {
        const char* sql;
        const char* gate;
        const char* login;
    };
    const auto cases = {
        Case{"", "", ""},
        Case{"UPDATE users SET disabled_at = 1", "enabled", "disabled"},
        Case{"UPDATE users SET verified_at = NULL", "verified", "unverified"},
        Case{"UPDATE users SET must_change_password = 1", "password_kept", "must_change_password"},
        Case{"INSERT INTO settings VALUES ('mfa.required', 'all', 1)", "second_factor",
             "mfa_enrolment_required"},
        Case{"DELETE FROM passwords", "password", "failed"},
        Case{"UPDATE passwords SET hash = 'nothing known'", "hash", "failed"},
        Case{"DELETE FROM signing_keys", "signing_key", "failed"},
        Case{"DELETE FROM users", "user", "failed"}};
    for (const Case& each : cases) {
        CAPTURE(each.gate);
        TestRealm realm;
        test::add_user(realm);
        realm.execute(each.sql);
        if (std::string_view(each.gate) == "second_factor")
            realm.set("mfa.required", "all");
        const std::string before = test::content(realm.database_path());
        CHECK(shut(realm) == each.gate);
        CHECK(test::content(realm.database_path()) == before);
        // The census of hashes was made by hand as well.
        realm.execute("DELETE FROM hash_census");
        CHECK(login(realm) == each.login);
    }
}

TEST_CASE("a wait and a lock shut the gate, for users and for nobody") {
    TestRealm realm;
    test::add_user(realm);
    for (const char* who : {"ann@example.org", "nobody@example.org"}) {
        CAPTURE(who);
        CHECK_FALSE(log_in(realm, test::user_ref(who), Secret("wrong"), std::nullopt));
        const LoginGates found = login_gates(realm, test::user_ref(who));
        CHECK(found.attempts.failures == 1);
        const auto gate = std::find_if(found.gates.begin(), found.gates.end(),
                                       [](const Gate& each) { return each.name == "not_locked"; });
        REQUIRE(gate != found.gates.end());
        CHECK(gate->passed == false);
        CHECK(gate->detail.find("no attempt is taken before") != std::string::npos);
    }
    realm.execute("UPDATE attempts SET blocked_until = 253402300799, failures = 100");
    CHECK(shut(realm) == "not_locked");
}

TEST_CASE("nobody needs a password who has another way in") {
    TestRealm realm;
    test::add_user(realm);
    realm.execute("DELETE FROM passwords");
    const auto look = [&] { return login_gates(realm, test::user_ref("ann@example.org")); };
    CHECK(look().first_shut()->name == "password");
    realm.set("mail.transport", "file");
    const LoginGates mailed = look();
    CHECK(mailed.first_shut() == nullptr);
    CHECK(mailed.other_ways == std::vector<std::string>{"a mailed link"});
    const Provider corp = *make_provider(
        {"corp", "https://idp.example", "client", {}, {}, {}, "", false, false}, realm.clock.now());
    REQUIRE(add_provider(realm, corp, std::nullopt, false));
    REQUIRE(link_identity(realm, test::stored_user(realm), {"corp", "ann-1"}));
    CHECK(look().other_ways == std::vector<std::string>{"the provider corp", "a mailed link"});
    NewProvider workloads;
    workloads.name = "ci";
    workloads.issuer = "https://ci.example";
    workloads.workload_audience = "auth.example.org";
    REQUIRE(add_provider(realm, make_provider(workloads, realm.clock.now()).value(), {}, false));
    REQUIRE(allow_workload(realm, test::user_ref("ann@example.org"), {"ci", {"sub=project:7"}}));
    CHECK(look().other_ways == std::vector<std::string>{"the provider corp",
                                                        "the workload provider ci",
                                                        "a mailed link"});
}

TEST_CASE("a hash of a test database opens nothing in a normal one") {
    TestRealm realm(RealmKind::normal);
    test::add_user(realm);
    CHECK(shut(realm).empty());
    const std::string cheap = hash_password(*normalise_password(Secret(test::good_password)),
                                            test_password_cost, realm.random);
    realm.execute("UPDATE passwords SET hash = '" + cheap + "'");
    CHECK(shut(realm) == "hash");
}

TEST_CASE("the census of hashes is true, or is not") {
    TestRealm realm;
    test::add_user(realm);
    test::add_user(realm, {"bob@example.org"});
    const HashCount good = count_hashes(realm.database());
    CHECK(good.as_the_census_says);
    REQUIRE(good.kinds.size() == 1);
    CHECK(good.kinds.front().users == 2);
    CHECK(good.kinds.front().kind.test_cost);
    realm.execute("UPDATE hash_census SET users = 3");
    CHECK_FALSE(count_hashes(realm.database()).as_the_census_says);
    {
        Transaction transaction(realm.database());
        recount_hashes(realm.database());
        transaction.commit();
    }
    CHECK(count_hashes(realm.database()).as_the_census_says);
    realm.execute("INSERT INTO meta VALUES ('hash_census', 'due')");
    CHECK_FALSE(count_hashes(realm.database()).as_the_census_says);
}
