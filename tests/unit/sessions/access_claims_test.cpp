#include "core/sessions/access.h"
#include "core/sessions/access_claims.h"
#include "support/catch.h"
#include "support/test_realm.h"

using namespace auth;
using namespace std::chrono_literals;
using test::TestRealm;

namespace {

User some_user() {
    User user;
    user.id = "u-1";
    user.email = "Ann@example.org";
    user.email_key = "ann@example.org";
    user.roles = {"admin", "tester"};
    user.updated_at = from_unix_seconds(1'700'000'000);
    return user;
}

Json claims_of(TestRealm& realm, const User& user, const AccessOrder& order = {}) {
    Session session;
    session.id = "s-1";
    return access_claims(realm, user, session, order);
}

// What is there beyond the claims that every token has.
Json profile_of(TestRealm& realm, const User& user) {
    Json claims = claims_of(realm, user);
    for (const char* name : {"iss", "sub", "aud", "exp", "iat", "jti", "client_id", "sid", "roles"})
        REQUIRE(claims.erase(name) == 1);
    return claims;
}

} // namespace

TEST_CASE("an access token has the claims of RFC 9068, and nobody's profile") {
    TestRealm realm;
    AccessOrder order;
    order.issued_at = from_unix_seconds(1'000);
    order.expires_at = from_unix_seconds(1'600);
    const Json claims = claims_of(realm, some_user(), order);
    CHECK(claims.at("iss") == "auth-cli");
    CHECK(claims.at("sub") == "u-1");
    CHECK(claims.at("aud") == "auth-cli");
    CHECK(claims.at("iat") == 1'000);
    CHECK(claims.at("exp") == 1'600);
    CHECK(claims.at("client_id") == "auth-cli");
    CHECK(claims.at("sid") == "s-1");
    CHECK(claims.at("roles") == Json{"admin", "tester"});
    CHECK(claims.size() == 9);
    CHECK(claims.at("jti") != claims_of(realm, some_user(), order).at("jti"));
}

TEST_CASE("the audience is the setting, else the issuer, and none for a shared secret") {
    TestRealm realm;
    CHECK(own_audience(realm.settings) == "auth-cli");
    realm.set("token.issuer", "https://id.example.org");
    CHECK(own_audience(realm.settings) == "https://id.example.org");
    realm.set("token.algorithm", "HS256");
    CHECK_FALSE(own_audience(realm.settings));
    CHECK_FALSE(claims_of(realm, some_user()).contains("aud"));
    realm.set("token.audience", "https://api.example.org");
    CHECK(own_audience(realm.settings) == "https://api.example.org");
    CHECK(claims_of(realm, some_user()).at("aud") == "https://api.example.org");
}

TEST_CASE("one audience is a string, several are a list") {
    TestRealm realm;
    AccessOrder order;
    order.audiences = {"one"};
    CHECK(claims_of(realm, some_user(), order).at("aud") == "one");
    order.audiences = {"one", "two"};
    CHECK(claims_of(realm, some_user(), order).at("aud") == Json{"one", "two"});
}

TEST_CASE("scope and client id are told where they are known") {
    TestRealm realm;
    realm.set("token.client_id", "shop");
    AccessOrder order;
    CHECK_FALSE(claims_of(realm, some_user(), order).contains("scope"));
    order.scope = "read write";
    const Json claims = claims_of(realm, some_user(), order);
    CHECK(claims.at("scope") == "read write");
    CHECK(claims.at("client_id") == "shop");
}

TEST_CASE("a setting names what tokens tell of the user") {
    TestRealm realm;
    User user = some_user();
    CHECK(profile_of(realm, user).empty());
    realm.set("token.claims", "email,email_verified,name,preferred_username,phone_number,address,"
                              "updated_at,team");
    // What is not known is not told.
    CHECK(profile_of(realm, user) == Json{{"email", "Ann@example.org"},
                                          {"email_verified", false},
                                          {"updated_at", 1'700'000'000}});
    user.name = "Ann Lee";
    user.username = "ann";
    user.phone = "+49 30 1";
    user.address = "Here 1\nThere";
    user.verified_at = from_unix_seconds(1);
    user.attributes = {{"team", "blue"}, {"secret", "x"}};
    user.national_id = "12345";
    const Json profile = profile_of(realm, user);
    CHECK(profile.at("email_verified") == true);
    CHECK(profile.at("name") == "Ann Lee");
    CHECK(profile.at("preferred_username") == "ann");
    CHECK(profile.at("phone_number") == "+49 30 1");
    CHECK(profile.at("address") == Json{{"formatted", "Here 1\nThere"}});
    CHECK(profile.at("team") == "blue");
    CHECK(profile.size() == 8);
}

TEST_CASE("no attribute and no setting takes the place of a claim") {
    TestRealm realm;
    User user = some_user();
    user.attributes = {{"sub", "root"}, {"roles", "admin"}, {"exp", "9999999999"}};
    realm.set("token.claims", "exp,roles,sub");
    const Json claims = claims_of(realm, user);
    CHECK(claims.at("sub") == "u-1");
    CHECK(claims.at("roles") == Json{"admin", "tester"});
    CHECK(claims.at("exp").is_number());
    for (const char* name :
         {"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "client_id", "sid", "roles", "scope"})
        CHECK(claim_is_reserved(name));
    for (const char* name : {"email", "ISS", "", "sub2", "tenant"})
        CHECK_FALSE(claim_is_reserved(name));
}

TEST_CASE("logins follow the settings of scope and claims") {
    TestRealm realm;
    test::add_user(realm);
    realm.set("token.scope", "openid profile");
    realm.set("token.claims", "email");
    const auto grant =
        log_in(realm, test::user_ref("ann@example.org"), Secret(test::good_password), {});
    REQUIRE(grant);
    const auto token = parse_token(grant->access_token.reveal());
    REQUIRE(token);
    CHECK(token->claims.at("scope") == "openid profile");
    CHECK(token->claims.at("email") == "ann@example.org");
    CHECK(check_access(realm, grant->access_token.reveal(), TokenUse::act));
}
