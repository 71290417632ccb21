#include "core/base/digest.h"
#include "core/base/encoding.h"
#include "core/federation/id_token.h"
#include "core/sessions/access.h"
#include "support/catch.h"
#include "support/fakes.h"

#include <nlohmann/json.hpp>

using namespace auth;
using namespace std::chrono_literals;

namespace {

struct Issuer {
    explicit Issuer(Algorithm algorithm = Algorithm::es256)
        : key(SigningKey::generate(algorithm)),
          keys(KeySet::from_jwks(Json{{"keys", {key.public_jwk()}}}.dump()).value()) {
        const std::int64_t now = unix_seconds(clock.now());
        claims = {{"iss", "https://idp.example"},
                  {"sub", "ann-1"},
                  {"aud", "client"},
                  {"exp", now + 300},
                  {"iat", now},
                  {"nonce", "once"}};
    }
    Verdict judge(std::string_view access_token = "") {
        return judge_id_token(keys, sign_token(key, "JWT", claims),
                              {"https://idp.example", "client", nonce, access_token, clock.now()});
    }
    std::string reason(std::string_view access_token = "") {
        const Verdict verdict = judge(access_token);
        return verdict.valid() ? "" : refusal(verdict, TokenUse::identify).reason;
    }

    test::FixedClock clock;
    SigningKey key;
    KeySet keys;
    Json claims;
    std::optional<std::string_view> nonce = "once";
};

std::string half(std::string_view name, std::string_view text) {
    const Secret whole = digest(name, text);
    return to_base64url(whole.reveal().substr(0, whole.size() / 2));
}

} // namespace

TEST_CASE("an ID token is for this client and this login") {
    Issuer issuer;
    CHECK(issuer.reason().empty());
    SECTION("nonce") {
        issuer.claims["nonce"] = "twice";
        CHECK(issuer.reason() == "wrong_nonce");
        issuer.claims.erase("nonce");
        CHECK(issuer.reason() == "wrong_nonce");
        issuer.nonce.reset();
        CHECK(issuer.reason().empty());
    }
    SECTION("authorized party") {
        issuer.claims["aud"] = {"client", "other"};
        CHECK(issuer.reason() == "missing_claim");
        issuer.claims["azp"] = "other";
        CHECK(issuer.reason() == "wrong_authorized_party");
        issuer.claims["azp"] = "client";
        CHECK(issuer.reason().empty());
    }
    SECTION("issuer, audience and subject") {
        issuer.claims["iss"] = "https://idp.example/";
        CHECK(issuer.reason() == "wrong_issuer");
        issuer.claims["iss"] = "https://idp.example";
        issuer.claims["aud"] = "other";
        CHECK(issuer.reason() == "wrong_audience");
        issuer.claims["aud"] = "client";
        issuer.claims["sub"] = "";
        CHECK(issuer.reason() == "bad_claim");
    }
    SECTION("times, for which the clocks may differ by a minute") {
        issuer.clock.advance(359s);
        CHECK(issuer.reason().empty());
        issuer.clock.advance(2s);
        CHECK(issuer.reason() == "expired");
        issuer.claims.erase("iat");
        CHECK(issuer.judge().problems.size() == 2);
    }
}

TEST_CASE("the access token is bound by the hash of the signature") {
    // OpenID Connect Core 1.0, appendix A.3: the access token and at_hash of its RS256 example.
    CHECK(half("sha256", "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y") ==
          "77QmUPtjPfzWtF2AnpK9RQ");
    Issuer es256;
    es256.claims["at_hash"] = half("sha256", "token");
    CHECK(es256.reason("token").empty());
    CHECK(es256.reason("other") == "wrong_at_hash");
    CHECK(es256.reason("") == "wrong_at_hash");
    es256.claims["at_hash"] = half("sha512", "token");
    CHECK(es256.reason("token") == "wrong_at_hash");
    Issuer ed25519(Algorithm::eddsa);
    ed25519.claims["at_hash"] = half("sha512", "token");
    CHECK(ed25519.reason("token").empty());
}

TEST_CASE("a shared secret vouches for nobody") {
    Issuer issuer;
    const std::string secret(32, 'x');
    const Json jwk = {{"kty", "oct"}, {"k", to_base64url(secret)}, {"kid", "s"}};
    issuer.keys = KeySet::from_jwks(Json{{"keys", {jwk}}}.dump()).value();
    issuer.key = SigningKey::from_shared_secret(Secret(secret)).value();
    CHECK(issuer.reason() == "wrong_algorithm");
}

TEST_CASE("an unknown key is told from others") {
    Issuer issuer;
    CHECK_FALSE(wants_other_keys(issuer.judge()));
    issuer.key = SigningKey::generate(Algorithm::es256);
    CHECK(wants_other_keys(issuer.judge()));
}

TEST_CASE("what a token says of a person") {
    const Json claims = {{"iss", "i"}, {"sub", "s"},     {"email", "A@example.org"},
                         {"hd", "h"},  {"name", "A\nB"}, {"email_verified", "true"}};
    ProvedIdentity identity = identity_of(claims);
    CHECK(identity.email_verified);
    CHECK(identity.name == "A B");
    CHECK(identity.hosted_domain == "h");
    for (const Json& value : {Json(false), Json("false"), Json(1), Json("yes"), Json()}) {
        Json other = claims;
        other["email_verified"] = value;
        CHECK_FALSE(identity_of(other).email_verified);
    }
    CHECK(add_userinfo(identity, {{"sub", "other"}}).error().reason == "wrong_subject");
    REQUIRE(add_userinfo(identity, {{"sub", "s"}, {"email", "b@example.org"}}));
    CHECK(identity.email == "b@example.org");
    CHECK_FALSE(identity.email_verified);
}

TEST_CASE("Google vouches for its own mail and for domains it hosts") {
    ProvedIdentity identity{"https://accounts.google.com", "1", "ann@example.org", true, "", ""};
    CHECK_FALSE(vouches_for_address(identity));
    identity.hosted_domain = "example.org";
    CHECK(vouches_for_address(identity));
    identity.hosted_domain = "";
    identity.email = "ann@GMAIL.com";
    CHECK(vouches_for_address(identity));
    identity.email_verified = false;
    CHECK_FALSE(vouches_for_address(identity));
    CHECK(vouches_for_address({"https://idp.example", "1", "ann@example.org", true, "", ""}));
    CHECK_FALSE(vouches_for_address({"https://idp.example", "1", "ann@", true, "", ""}));
}
