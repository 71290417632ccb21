#include "core/accounts/accounts.h"
#include "core/accounts/credentials.h"
#include "core/audit/audit.h"
#include "core/base/encoding.h"
#include "core/sessions/access.h"
#include "core/sessions/change_password.h"
#include "core/sessions/session.h"
#include "core/sessions/sessions_table.h"
#include "support/catch.h"
#include "support/test_realm.h"

#include <fstream>

using namespace auth;
using namespace std::chrono_literals;
using test::ann;
using test::TestRealm;
using test::user_ref;

namespace {

struct LoggedIn : TestRealm {
    explicit LoggedIn(std::optional<Seconds> ttl = std::nullopt) {
        test::add_user(realm());
        grant = log_in_again(ttl);
    }
    Grant grant;

    Grant log_in_again(std::optional<Seconds> ttl = std::nullopt) {
        auto made = log_in(realm(), user_ref(ann), Secret(test::good_password), ttl);
        REQUIRE(made);
        return std::move(*made);
    }
    Result<Access> check(TokenUse use = TokenUse::act) {
        return check_access(realm(), grant.access_token.reveal(), use);
    }
    // Renews the held grant.
    Status renew_once() {
        auto next = next_refresh_token(realm(), grant.refresh_token);
        REQUIRE(next);
        auto renewed = renew(realm(), grant.refresh_token, *next);
        if (!renewed)
            return fail(renewed.error());
        grant = std::move(*renewed);
        return {};
    }
};

template <class T>
void check_refused(const Result<T>& result, ErrorCode code, const char* reason = "expired") {
    REQUIRE_FALSE(result);
    CHECK(result.error().code == code);
    CHECK(result.error().reason == reason);
    CHECK(result.error().hint == NextStep{"login"});
}

} // namespace

TEST_CASE("a login opens a session and hands out tokens that this database vouches for") {
    LoggedIn user;
    user.reopen();
    const auto access = user.check();
    REQUIRE(access);
    CHECK(access->user.email == ann);
    CHECK(access->user.last_login_at == user.clock.now());
    CHECK(access->session.id == user.grant.session.id);
    CHECK(access->expires_at == user.clock.now() + 600s);
    CHECK(access->session.expires_at == user.clock.now() + 12h);
    CHECK(user.events().back() == "authn_login_success");
}

TEST_CASE("an access token says what RFC 9068 asks for, and nothing about the person") {
    LoggedIn user;
    const auto token = parse_token(user.grant.access_token.reveal());
    REQUIRE(token);
    CHECK(token->header.at("typ") == "at+jwt");
    CHECK(token->header.at("alg") == "ES256");
    const Json& claims = token->claims;
    CHECK(claims.at("iss") == "auth-cli");
    CHECK(claims.at("aud") == "auth-cli");
    CHECK(claims.at("sub") == user.grant.user.id);
    CHECK(claims.at("sid") == user.grant.session.id);
    CHECK(claims.at("client_id") == "auth-cli");
    CHECK(claims.at("iat") == unix_seconds(user.clock.now()));
    CHECK(claims.at("exp") == unix_seconds(user.clock.now()) + 600);
    CHECK(claims.at("roles") == Json::array());
    CHECK_FALSE(claims.at("jti").get<std::string>().empty());
    CHECK(claims.size() == 9);
}

TEST_CASE("a session that is not used ends, to the second") {
    LoggedIn user;
    user.clock.advance(599s);
    CHECK(user.check());
    user.clock.advance(1s);
    check_refused(user.check(), ErrorCode::expired);
    check_refused(user.check(TokenUse::renew), ErrorCode::expired);
    check_refused(user.renew_once(), ErrorCode::expired);
}

TEST_CASE("use prolongs a session, but never past its cap") {
    LoggedIn user;
    const Time end = user.clock.now() + 12h;
    while (user.clock.now() + 500s < end) {
        user.clock.advance(500s);
        REQUIRE(user.renew_once());
        REQUIRE(user.grant.access_expires_at <= end);
        REQUIRE(user.grant.session.idle_expires_at() <= end);
    }
    CHECK(user.grant.access_expires_at == end);
    user.clock.set(end - 1s);
    CHECK(user.check());
    CHECK(user.renew_once());
    user.clock.set(end);
    check_refused(user.check(TokenUse::renew), ErrorCode::expired);
    const auto late = user.renew_once();
    check_refused(late, ErrorCode::expired);
    CHECK(late.error().message.find("reached its end") != std::string::npos);
}

TEST_CASE("a session's own idle limit is bounded by the cap") {
    LoggedIn user(100h);
    CHECK(user.grant.session.idle == 12h);
    CHECK(user.grant.access_expires_at == user.clock.now() + 12h);
    LoggedIn brief(30s);
    CHECK(brief.grant.session.idle == 30s);
    brief.clock.advance(30s);
    check_refused(brief.check(), ErrorCode::expired);
}

TEST_CASE("the settings decide how long sessions and tokens live") {
    LoggedIn user;
    user.set("session.idle", "20m");
    user.set("session.max", "1h");
    user.set("token.ttl", "2m");
    user.grant = user.log_in_again();
    CHECK(user.grant.session.idle == 20min);
    CHECK(user.grant.session.expires_at == user.clock.now() + 1h);
    CHECK(user.grant.access_expires_at == user.clock.now() + 2min);
    user.clock.advance(2min);
    check_refused(user.check(), ErrorCode::expired);
    CHECK(user.check(TokenUse::renew));
    CHECK(user.renew_once());
    CHECK(user.check());
}

TEST_CASE("a token that outlives its session is worth nothing") {
    LoggedIn user;
    user.set("token.ttl", "1d");
    user.grant = user.log_in_again();
    CHECK(user.grant.access_expires_at == user.clock.now() + 12h);
    user.clock.advance(600s);
    check_refused(user.check(), ErrorCode::expired);
}

TEST_CASE("renewing rotates the refresh token") {
    LoggedIn user;
    const std::string first(user.grant.refresh_token.reveal());
    const std::string first_access(user.grant.access_token.reveal());
    user.clock.advance(10s);
    REQUIRE(user.renew_once());
    CHECK(user.grant.refresh_token.reveal() != first);
    CHECK(user.grant.access_token.reveal() != first_access);
    CHECK(user.grant.session.generation == 1);
    CHECK(user.grant.session.used_at == user.clock.now());
    user.reopen();
    CHECK(is_current(user, user.grant.refresh_token));
    CHECK_FALSE(is_current(user, Secret(first)));
    CHECK(user.check());
    CHECK(user.events().back() == "authn_token_refreshed");
    REQUIRE(user.renew_once());
    CHECK(user.grant.session.generation == 2);
}

TEST_CASE("an old refresh token that comes back ends its session") {
    LoggedIn user;
    const Grant other = user.log_in_again();
    const Secret stolen = user.grant.refresh_token.copy();
    REQUIRE(user.renew_once());
    const auto next = next_refresh_token(user, stolen);
    REQUIRE(next);
    check_refused(renew(user, stolen, *next), ErrorCode::invalid_token, "reused");
    user.reopen();
    check_refused(user.check(), ErrorCode::invalid_token, "revoked");
    check_refused(user.renew_once(), ErrorCode::invalid_token, "revoked");
    check_refused(renew(user, stolen, *next), ErrorCode::invalid_token, "revoked");

    AuditRow row;
    test::list_audit(user.database(), {"", "authn_token_reuse", {}, 0},
                     [&](const AuditRow& found) { row = found; });
    CHECK(row.target == user.grant.user.id);
    CHECK(row.result == "fail");
    CHECK(Json::parse(row.detail).at("severity") == "critical");
    CHECK(Json::parse(row.detail).at("session") == user.grant.session.id);
    CHECK(sessions_table::find(user.database(), user.grant.session.id)->revoke_reason == "reuse");
    CHECK(check_access(user, other.access_token.reveal(), TokenUse::act));
}

TEST_CASE("a renewal that is undone leaves the old token good") {
    LoggedIn user;
    const auto next = next_refresh_token(user, user.grant.refresh_token);
    REQUIRE(next);
    {
        const Transaction outer(user.database());
        REQUIRE(renew(user, user.grant.refresh_token, *next));
    }
    CHECK(is_current(user, user.grant.refresh_token));
    CHECK(user.renew_once());
}

TEST_CASE("sessions end with the password, the user's being enabled, and the user") {
    const auto check_ends = [](auto act) {
        LoggedIn user;
        act(user);
        check_refused(user.check(), ErrorCode::invalid_token, "revoked");
        check_refused(user.check(TokenUse::renew), ErrorCode::invalid_token, "revoked");
        check_refused(user.renew_once(), ErrorCode::invalid_token, "revoked");
    };
    const auto committed = [](LoggedIn& user, auto act) {
        Transaction transaction(user.database());
        act();
        transaction.commit();
    };
    check_ends([](LoggedIn& user) {
        REQUIRE(set_password(user, user_ref(ann), Secret(test::other_password), false));
    });
    check_ends([](LoggedIn& user) {
        REQUIRE(change_own_password(user, user_ref("id:" + user.grant.user.id),
                                    Secret(test::good_password), Secret(test::other_password)));
    });
    check_ends([&](LoggedIn& user) {
        committed(user, [&] { REQUIRE(set_disabled(user, user_ref(ann), true, "")); });
    });
    check_ends([&](LoggedIn& user) {
        committed(user, [&] {
            REQUIRE(set_disabled(user, user_ref(ann), true, ""));
            REQUIRE(set_disabled(user, user_ref(ann), false, ""));
        });
    });
    check_ends([&](LoggedIn& user) {
        committed(user, [&] { REQUIRE(delete_user(user, user_ref(ann))); });
    });
    check_ends([&](LoggedIn& user) {
        committed(user, [&] {
            User stored = test::stored_user(user);
            end_all_sessions(user, stored);
        });
    });
    check_ends([&](LoggedIn& user) {
        committed(user, [&] { CHECK(end_session(user, user.grant.session.id, "logout")); });
    });
}

TEST_CASE("ending one session leaves the others") {
    LoggedIn user;
    const Grant other = user.log_in_again();
    Transaction transaction(user.database());
    CHECK(end_session(user, user.grant.session.id, "logout"));
    CHECK_FALSE(end_session(user, user.grant.session.id, "logout"));
    CHECK_FALSE(end_session(user, "no-such-session", "logout"));
    transaction.commit();
    CHECK_FALSE(user.check());
    CHECK(check_access(user, other.access_token.reveal(), TokenUse::act));
}

TEST_CASE("what became of a session is told in order of what ended it first") {
    Session session;
    session.used_at = from_unix_seconds(1000);
    session.idle = 60s;
    session.expires_at = from_unix_seconds(1100);
    session.epoch = 3;
    const auto state = [&](std::int64_t now, std::int64_t epoch = 3, bool disabled = false) {
        return to_name(session_state(session, epoch, disabled, from_unix_seconds(now)));
    };
    CHECK(state(1059) == "live");
    CHECK(state(1060) == "idle");
    CHECK(state(1099) == "idle");
    CHECK(state(1100) == "expired");
    CHECK(state(1059, 4) == "ended");
    CHECK(state(1100, 4) == "ended");
    CHECK(state(1059, 3, true) == "ended");
    session.used_at = from_unix_seconds(1090);
    CHECK(state(1099) == "live");
    CHECK(state(1100) == "expired");
    session.revoked_at = from_unix_seconds(1001);
    CHECK(state(1059) == "revoked");
    CHECK(state(1100, 4, true) == "revoked");
}

TEST_CASE("changing one's own password goes on with a new session") {
    LoggedIn user;
    const auto changed =
        change_own_password(user, user_ref("id:" + user.grant.user.id), Secret(test::good_password),
                            Secret(test::other_password));
    REQUIRE(changed);
    CHECK(check_access(user, changed->access_token.reveal(), TokenUse::act));
    CHECK(log_in(user, user_ref(ann), Secret(test::other_password), std::nullopt));
    CHECK(log_in(user, user_ref(ann), Secret(test::good_password), std::nullopt).error().code ==
          ErrorCode::bad_credentials);
}

TEST_CASE("changing one's own password needs the old one") {
    LoggedIn user;
    const auto refused = change_own_password(user, user_ref("id:" + user.grant.user.id),
                                             Secret("wrong"), Secret(test::other_password));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::bad_credentials);
    CHECK(user.check());
}

TEST_CASE("a login that fails opens nothing") {
    TestRealm realm;
    test::add_user(realm);
    CHECK_FALSE(log_in(realm, user_ref(ann), Secret("wrong"), std::nullopt));
    realm.set("token.algorithm", "HS256"); // and no secret to sign with
    realm.clock.advance(10s);
    CHECK(log_in(realm, user_ref(ann), Secret(test::good_password), std::nullopt).error().code ==
          ErrorCode::not_found);
    CHECK(realm.count("SELECT count(*) FROM sessions") == 0);
}

TEST_CASE("an altered token is refused") {
    LoggedIn user;
    std::string token(user.grant.access_token.reveal());
    token[token.size() - 10] = token[token.size() - 10] == 'A' ? 'B' : 'A';
    check_refused(check_access(user, token, TokenUse::renew), ErrorCode::invalid_token,
                  "bad_signature");
    check_refused(check_access(user, "a.b", TokenUse::renew), ErrorCode::invalid_token,
                  "malformed");
    check_refused(check_access(user, "", TokenUse::renew), ErrorCode::invalid_token, "malformed");
}

TEST_CASE("another database's token is refused") {
    LoggedIn user;
    LoggedIn other;
    other.random = test::SeededRandom(99);
    other.grant = other.log_in_again();
    check_refused(check_access(user, other.grant.access_token.reveal(), TokenUse::renew),
                  ErrorCode::invalid_token, "unknown_key");
}

TEST_CASE("a token lives as long as its key is not revoked") {
    LoggedIn user;
    user.execute("UPDATE signing_keys SET signs_until = 1, verifies_until = 4000000000");
    CHECK(user.check());
    user.execute("UPDATE signing_keys SET verifies_until = 1");
    check_refused(user.check(), ErrorCode::invalid_token, "retired_key");
    user.execute("UPDATE signing_keys SET verifies_until = 4000000000, revoked_at = 1");
    check_refused(user.check(), ErrorCode::invalid_token, "revoked_key");
}

TEST_CASE("a token of another issuer or audience is refused") {
    LoggedIn user;
    user.set("token.audience", "https://api.example.org");
    check_refused(user.check(), ErrorCode::invalid_token, "wrong_audience");
    user.grant = user.log_in_again();
    CHECK(user.check());
    user.set("token.issuer", "https://id.example.org");
    check_refused(user.check(), ErrorCode::invalid_token, "wrong_issuer");
}

TEST_CASE("services that share a secret get HS256 tokens without audience") {
    LoggedIn user;
    const auto path = user.directory() / "secret";
    std::ofstream(path) << std::string(32, 's') << "\n";
    user.set("token.secret_file", path.string());
    user.set("token.algorithm", "HS256");
    user.grant = user.log_in_again();
    const auto token = parse_token(user.grant.access_token.reveal());
    REQUIRE(token);
    CHECK(token->header.at("alg") == "HS256");
    CHECK_FALSE(token->header.contains("kid"));
    CHECK_FALSE(token->claims.contains("aud"));
    const auto key = VerificationKey::from_shared_secret(Secret(std::string(32, 's')));
    REQUIRE(key);
    CHECK(key->verify(token->signing_input, token->signature));
    CHECK(user.check());
    REQUIRE(user.renew_once());
    CHECK(user.check());

    std::ofstream(path) << std::string(32, 't') << "\n";
    check_refused(user.check(), ErrorCode::invalid_token, "bad_signature");
}

TEST_CASE("roles travel in the token and follow at the next renewal") {
    LoggedIn user;
    REQUIRE(create_role(user, test::role("admin"), ""));
    {
        Transaction transaction(user.database());
        User stored = test::stored_user(user);
        REQUIRE(grant_roles(user, stored, {test::role("admin")}));
        transaction.commit();
    }
    REQUIRE(user.renew_once());
    CHECK(parse_token(user.grant.access_token.reveal())->claims.at("roles") ==
          Json::array({"admin"}));
}

TEST_CASE("sessions long ended are forgotten at the next login") {
    LoggedIn user;
    user.clock.advance(25h);
    user.grant = user.log_in_again();
    CHECK(user.count("SELECT count(*) FROM sessions") == 1);
}
