#include "core/sessions/issued_token.h"
#include "core/sessions/session.h"
#include "core/sessions/standing.h"
#include "support/catch.h"
#include "support/test_realm.h"

using namespace auth;
using namespace std::chrono_literals;
using test::TestRealm;
using test::user_ref;

namespace {

struct LoggedIn : TestRealm {
    LoggedIn() {
        user = test::add_user(realm());
        auto grant = log_in(realm(), user_ref("ann@example.org"), Secret(test::good_password), {});
        REQUIRE(grant);
        session = grant->session;
        claims = parse_token(grant->access_token.reveal())->claims;
    }
    User user;
    Session session;
    Json claims;

    std::string standing(std::optional<Time> at = {}) {
        const auto problem = check_standing(realm(), claims, at.value_or(clock.now()));
        return problem ? problem->claim + ":" + problem->code : "";
    }
    template <class Act> void committed(Act act) {
        Transaction transaction(database());
        act();
        transaction.commit();
    }
};

} // namespace

TEST_CASE("a login's token stands while its session does") {
    LoggedIn realm;
    const Time start = realm.clock.now();
    CHECK(realm.standing().empty());
    realm.clock.advance(599s);
    CHECK(realm.standing().empty());
    realm.clock.advance(1s);
    CHECK(realm.standing() == "sid:expired");
    // As of an earlier time it stood.
    CHECK(realm.standing(start + 599s).empty());
    CHECK(realm.standing(start + 600s) == "sid:expired");
}

TEST_CASE("a token without a session, or with another's, stands for nothing") {
    LoggedIn realm;
    for (const Json& sid : {Json(), Json(""), Json("nonsense"), Json(7), Json(nullptr)}) {
        realm.claims["sid"] = sid;
        CHECK(realm.standing() == "sid:revoked");
    }
    realm.claims.erase("sid");
    CHECK(realm.standing() == "sid:revoked");
    realm.claims["sid"] = realm.session.id;
    CHECK(realm.standing().empty());
    for (const Json& sub : {Json("somebody else"), Json(7), Json(nullptr)}) {
        realm.claims["sub"] = sub;
        CHECK(realm.standing() == "sid:revoked");
    }
}

TEST_CASE("a session that was ended is over, as of whatever time") {
    LoggedIn realm;
    const Time before = realm.clock.now();
    realm.clock.advance(60s);
    realm.committed([&] { CHECK(end_session(realm, realm.session.id, "logout")); });
    CHECK(realm.standing() == "sid:revoked");
    CHECK(realm.standing(before) == "sid:revoked");
    realm.clock.advance(24h);
    CHECK(realm.standing() == "sid:revoked");
}

TEST_CASE("so is every session from before the user's all ended") {
    LoggedIn realm;
    realm.committed([&] {
        User stored = test::stored_user(realm);
        end_all_sessions(realm, stored);
    });
    CHECK(realm.standing() == "sid:revoked");
}

TEST_CASE("a disabled user's tokens say why they are refused") {
    LoggedIn realm;
    realm.committed([&] { REQUIRE(set_disabled(realm, user_ref("ann@example.org"), true, "")); });
    CHECK(realm.standing() == "sub:revoked");
    realm.committed([&] { REQUIRE(set_disabled(realm, user_ref("ann@example.org"), false, "")); });
    CHECK(realm.standing() == "sid:revoked"); // for good
}

TEST_CASE("a user who was deleted has nothing that stands") {
    LoggedIn realm;
    realm.committed([&] { REQUIRE(delete_user(realm, user_ref("ann@example.org"))); });
    CHECK(realm.standing() == "sid:revoked");
}

TEST_CASE("an issued token stands for its whole life, unused") {
    LoggedIn realm;
    IssueOrder order;
    order.ttl = 30min;
    const auto issued = issue_token(realm, user_ref("ann@example.org"), order);
    REQUIRE(issued);
    realm.claims = parse_token(issued->token.reveal())->claims;
    realm.clock.advance(30min - 1s);
    CHECK(realm.standing().empty());
    realm.clock.advance(1s);
    CHECK(realm.standing() == "sid:expired");
}
