#include "core/accounts/accounts.h"
#include "core/sessions/issued_token.h"
#include "core/sessions/refresh_token.h"
#include "core/sessions/sessions_table.h"
#include "core/sessions/token_session.h"
#include "support/catch.h"
#include "support/test_realm.h"

using namespace auth;
using namespace std::chrono_literals;
using test::TestRealm;
using test::user_ref;

namespace {

struct LoginByToken : TestRealm {
    LoginByToken() {
        test::add_user(realm());
        auto made = log_in(realm(), user_ref("ann@example.org"), Secret(test::good_password), {});
        REQUIRE(made);
        grant = std::move(*made);
    }
    Grant grant;

    StoredLogin stored() {
        return {grant.access_token.copy(), grant.refresh_token.copy(), {}, grant.session.id};
    }
    bool finds(const Secret& token) {
        const auto session = session_of(realm(), token);
        return session && *session && (*session)->id == grant.session.id;
    }
    bool end(const Session& session) {
        Transaction transaction(database());
        const bool ended = end_live_session(realm(), session, "test");
        transaction.commit();
        return ended;
    }
};

void check_foreign(Realm& realm, const Secret& token, const std::string& reason) {
    const auto session = session_of(realm, token);
    REQUIRE_FALSE(session);
    CHECK(session.error().code == ErrorCode::invalid_token);
    CHECK(session.error().reason == reason);
}

} // namespace

TEST_CASE("a token of ours names its session, whatever became of it") {
    LoginByToken user;
    CHECK(user.finds(user.grant.access_token));
    CHECK(user.finds(user.grant.refresh_token));
    user.clock.advance(24h);
    CHECK(user.finds(user.grant.access_token));
    CHECK(user.finds(user.grant.refresh_token));
    user.clock.advance(-24h);
    const auto next = next_refresh_token(user, user.grant.refresh_token);
    REQUIRE(renew(user, user.grant.refresh_token, *next));
    CHECK(user.finds(user.grant.refresh_token));
    CHECK(user.finds(*next));
    CHECK(user.end(user.grant.session));
    CHECK(user.finds(user.grant.access_token));
}

TEST_CASE("a session that is forgotten is nobody's") {
    LoginByToken user;
    user.execute("DELETE FROM sessions");
    for (const Secret* token : {&user.grant.access_token, &user.grant.refresh_token}) {
        const auto session = session_of(user, *token);
        REQUIRE(session);
        CHECK_FALSE(*session);
    }
}

TEST_CASE("a token that is not ours names nothing") {
    LoginByToken user;
    std::string altered(user.grant.access_token.reveal());
    altered[altered.size() - 10] = altered[altered.size() - 10] == 'A' ? 'B' : 'A';
    check_foreign(user, Secret(altered), "bad_signature");
    check_foreign(user, Secret("a.b.c"), "malformed");
    check_foreign(user, Secret(""), "malformed");
    std::string refresh(user.grant.refresh_token.reveal());
    refresh[10] = refresh[10] == 'A' ? 'B' : 'A';
    check_foreign(user, Secret(refresh), "malformed");
}

TEST_CASE("an issued token names its session as well") {
    LoginByToken user;
    const auto issued = issue_token(user, user_ref("ann@example.org"), {});
    REQUIRE(issued);
    const auto session = session_of(user, issued->token);
    REQUIRE(session);
    REQUIRE(*session);
    CHECK((*session)->id == issued->session.id);
    CHECK(user.end(**session));
    CHECK_FALSE(user.end(**session));
}

TEST_CASE("a stored login names its session by either token") {
    LoginByToken user;
    StoredLogin login = user.stored();
    CHECK((*session_of(user, login))->id == user.grant.session.id);
    login.access_token = Secret("a.b.c");
    CHECK((*session_of(user, login))->id == user.grant.session.id);
    login.refresh_token = Secret("x");
    CHECK(session_of(user, login).error().reason == "malformed");
    login = user.stored();
    login.refresh_token.reset();
    CHECK((*session_of(user, login))->id == user.grant.session.id);
}

TEST_CASE("only a live session can be ended") {
    {
        LoginByToken user;
        CHECK(user.end(user.grant.session));
        CHECK_FALSE(user.end(*sessions_table::find(user.database(), user.grant.session.id)));
    }
    {
        LoginByToken user;
        user.clock.advance(600s);
        CHECK_FALSE(user.end(user.grant.session));
        CHECK_FALSE(sessions_table::find(user.database(), user.grant.session.id)->revoked_at);
    }
    {
        LoginByToken user;
        Transaction transaction(user.database());
        REQUIRE(set_disabled(user, user_ref("ann@example.org"), true, ""));
        transaction.commit();
        CHECK_FALSE(user.end(user.grant.session));
    }
    {
        LoginByToken user;
        Transaction transaction(user.database());
        REQUIRE(delete_user(user, user_ref("ann@example.org")));
        transaction.commit();
        CHECK_FALSE(user.end(user.grant.session));
    }
}
