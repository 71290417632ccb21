#include "core/audit/audit.h"
#include "core/keys/signing_key.h"
#include "core/keys/signing_keys_table.h"
#include "core/sessions/access.h"
#include "core/sessions/issued_token.h"
#include "core/sessions/sessions_table.h"
#include "support/catch.h"
#include "support/test_realm.h"

using namespace auth;
using namespace std::chrono_literals;
using test::TestRealm;

namespace {

struct WithAnn : TestRealm {
    WithAnn() { test::add_user(realm()); }

    Result<IssuedToken> issue(const IssueOrder& order = {}) {
        return issue_token(realm(), test::user_ref("ann@example.org"), order);
    }
    IssuedToken issued(const IssueOrder& order = {}) {
        auto token = issue(order);
        if (!token)
            FAIL(token.error().message);
        return *std::move(token);
    }
    Json claims(const IssueOrder& order = {}) {
        return parse_token(issued(order).token.reveal())->claims;
    }
    Result<Access> check(const IssuedToken& issued) {
        return check_access(realm(), issued.token.reveal(), TokenUse::act);
    }
    void disable(bool disabled) {
        Transaction transaction(database());
        REQUIRE(set_disabled(realm(), test::user_ref("ann@example.org"), disabled, ""));
        transaction.commit();
    }
};

void check_fails(const Result<IssuedToken>& result, ErrorCode code, const std::string& field) {
    REQUIRE_FALSE(result);
    CHECK(result.error().code == code);
    CHECK(result.error().field == field);
}

IssueOrder for_time(Seconds ttl) {
    IssueOrder order;
    order.ttl = ttl;
    return order;
}

IssueOrder with_claim(const std::string& name, Json value) {
    IssueOrder order;
    order.claims[name] = std::move(value);
    return order;
}

} // namespace

TEST_CASE("an issued token is good for its user without a login") {
    WithAnn realm;
    const IssuedToken issued = realm.issued();
    realm.reopen();
    const auto access = realm.check(issued);
    REQUIRE(access);
    CHECK(access->user.email == "ann@example.org");
    CHECK(access->session.kind == SessionKind::issued);
    CHECK(access->session.refresh_hash.empty());
    CHECK(issued.expires_at == realm.clock.now() + 10min);
    CHECK_FALSE(access->user.last_login_at);
    CHECK(realm.events().back() == "authn_token_created");
}

TEST_CASE("an issued token lives as long as was said, used or not") {
    for (const Seconds ttl : {Seconds(1s), Seconds(1h), longest_issued_life}) {
        WithAnn realm;
        const IssuedToken issued = realm.issued(for_time(ttl));
        CHECK(issued.expires_at == realm.clock.now() + ttl);
        CHECK(issued.session.expires_at == issued.expires_at);
        realm.clock.set(issued.expires_at - 1s);
        CHECK(realm.check(issued));
        realm.clock.set(issued.expires_at);
        const auto late = realm.check(issued);
        REQUIRE_FALSE(late);
        CHECK(late.error().code == ErrorCode::expired);
    }
}

TEST_CASE("a life of nothing, or of more than a year, is refused") {
    WithAnn realm;
    for (const Seconds ttl : {Seconds(0s), Seconds(-1s), longest_issued_life + 1s})
        check_fails(realm.issue(for_time(ttl)), ErrorCode::usage, "ttl");
    CHECK(realm.count("SELECT count(*) FROM sessions") == 0);
}

TEST_CASE("without a word on it the life is that of other tokens") {
    WithAnn realm;
    realm.set("session.idle", "20m");
    CHECK(realm.issued().expires_at == realm.clock.now() + 20min);
    realm.set("token.ttl", "5m");
    CHECK(realm.issued().expires_at == realm.clock.now() + 5min);
}

TEST_CASE("an issued token says for whom it is and what it allows") {
    WithAnn realm;
    CHECK(realm.claims().at("aud") == "auth-cli");
    CHECK_FALSE(realm.claims().contains("scope"));
    realm.set("token.scope", "login"); // of logins alone
    CHECK_FALSE(realm.claims().contains("scope"));
    IssueOrder order;
    order.audiences = {"https://a.example", "https://b.example"};
    order.scope = "read write";
    order.claims = {{"tenant", 7}, {"flags", Json{1, 2}}};
    const Json claims = realm.claims(order);
    CHECK(claims.at("aud") == Json{"https://a.example", "https://b.example"});
    CHECK(claims.at("scope") == "read write");
    CHECK(claims.at("tenant") == 7);
    CHECK(claims.at("flags") == Json{1, 2});
}

TEST_CASE("a further claim outdoes the profile, and never what the program says") {
    WithAnn realm;
    realm.set("token.claims", "email");
    CHECK(realm.claims(with_claim("email", "other@example.org")).at("email") ==
          "other@example.org");
    for (const char* name :
         {"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "client_id", "sid", "roles", "scope"})
        check_fails(realm.issue(with_claim(name, "x")), ErrorCode::usage, "claim");
}

TEST_CASE("audiences and scope are one line each") {
    WithAnn realm;
    IssueOrder order;
    order.audiences = {"good", "b\nad"};
    check_fails(realm.issue(order), ErrorCode::usage, "aud");
    order.audiences.clear();
    order.scope = "b\x1b";
    check_fails(realm.issue(order), ErrorCode::usage, "scope");
}

TEST_CASE("a token too long for anybody to read is not issued") {
    WithAnn realm;
    CHECK(realm.issue(with_claim("a", std::string(40'000, 'x'))));
    check_fails(realm.issue(with_claim("a", std::string(60'000, 'x'))), ErrorCode::usage, "claim");
    CHECK(realm.count("SELECT count(*) FROM sessions") == 1);
    CHECK(realm.count("SELECT count(*) FROM audit WHERE event = 'authn_token_created'") == 1);
}

TEST_CASE("nobody issues for users who are disabled or not there") {
    WithAnn realm;
    const auto missing = issue_token(realm, test::user_ref("bob@example.org"), {});
    REQUIRE_FALSE(missing);
    CHECK(missing.error().code == ErrorCode::not_found);
    realm.disable(true);
    const auto refused = realm.issue();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::refused);
    CHECK(refused.error().reason == "disabled");
    CHECK(refused.error().hint == NextStep{"enable", {"ann@example.org"}});
    test::SomeUser strange;
    strange.email = "a`id`@example.org";
    strange.disabled = true;
    (void)test::add_user(realm, strange);
    CHECK(issue_token(realm, test::user_ref(strange.email), {}).error().hint ==
          NextStep{"enable", {"a`id`@example.org"}});
    CHECK(realm.count("SELECT count(*) FROM sessions") == 0);
}

TEST_CASE("an issued token ends with its session") {
    WithAnn realm;
    const IssuedToken issued = realm.issued(for_time(1h));
    const IssuedToken other = realm.issued(for_time(1h));
    {
        Transaction transaction(realm.database());
        CHECK(end_session(realm, issued.session.id, "revoked"));
        transaction.commit();
    }
    CHECK(realm.check(issued).error().reason == "revoked");
    CHECK(realm.check(other));
}

TEST_CASE("an issued token ends with its user's access, for good") {
    WithAnn realm;
    const IssuedToken issued = realm.issued(for_time(1h));
    realm.disable(true);
    CHECK(realm.check(issued).error().reason == "revoked");
    realm.disable(false);
    CHECK(realm.check(issued).error().reason == "revoked");
    const IssuedToken fresh = realm.issued(for_time(1h));
    {
        Transaction transaction(realm.database());
        User user = test::stored_user(realm);
        end_all_sessions(realm, user);
        transaction.commit();
    }
    CHECK(realm.check(fresh).error().reason == "revoked");
}

TEST_CASE("a login does not sweep issued tokens away") {
    WithAnn realm;
    const IssuedToken issued = realm.issued(for_time(24h * 30));
    realm.clock.advance(24h * 20);
    REQUIRE(log_in(realm, test::user_ref("ann@example.org"), Secret(test::good_password), {}));
    CHECK(realm.check(issued));
}

TEST_CASE("the key notes how long its issued tokens live") {
    WithAnn realm;
    const Time now = realm.clock.now();
    const auto last = [&] { return signing_record(realm)->last_expiry; };
    CHECK_FALSE(last());
    (void)realm.issued(for_time(1h));
    CHECK(last() == now + 1h);
    (void)realm.issued(for_time(1min));
    CHECK(last() == now + 1h);
    (void)realm.issued(for_time(2h));
    CHECK(last() == now + 2h);
    REQUIRE(log_in(realm, test::user_ref("ann@example.org"), Secret(test::good_password), {}));
    CHECK(last() == now + 2h);
}

TEST_CASE("the trail tells who was issued what until when, and not the token") {
    WithAnn realm;
    const IssuedToken issued = realm.issued(for_time(1h));
    AuditRow row;
    test::list_audit(realm.database(), {"", "authn_token_created", {}, 0},
                     [&](const AuditRow& found) { row = found; });
    CHECK(row.target == issued.user.id);
    const Json detail = Json::parse(row.detail);
    CHECK(detail.at("session") == issued.session.id);
    CHECK(detail.at("aud") == "auth-cli");
    CHECK(detail.at("jti") == parse_token(issued.token.reveal())->claims.at("jti"));
    CHECK(detail.at("expires_at") == to_rfc3339(issued.expires_at));
    CHECK(row.detail.find("eyJ") == std::string::npos);
}

TEST_CASE("without a key nothing is issued") {
    WithAnn realm;
    realm.set("token.algorithm", "RS256");
    const auto refused = realm.issue();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::not_found);
    CHECK(refused.error().hint == NextStep{"key create", {"--alg", "RS256"}});
    CHECK(realm.count("SELECT count(*) FROM sessions") == 0);
}
