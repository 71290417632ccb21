#include "core/base/encoding.h"
#include "core/federation/workload_token.h"
#include "support/catch.h"
#include "support/fakes.h"

#include <nlohmann/json.hpp>

using namespace auth;
using namespace std::chrono_literals;

namespace {

const char* const audience = "auth.example.org";

struct CiSystem {
    explicit CiSystem(Algorithm algorithm = Algorithm::es256)
        : key(SigningKey::generate(algorithm)),
          keys(KeySet::from_jwks(Json{{"keys", {key.public_jwk()}}}.dump()).value()) {
        claims = {{"iss", "https://ci.example"},
                  {"sub", "repo:example-org/app:ref:refs/heads/main"},
                  {"aud", audience},
                  {"exp", now() + 300},
                  {"nbf", now()},
                  {"iat", now()},
                  {"jti", "j-1"}};
    }
    [[nodiscard]] std::int64_t now() const { return unix_seconds(clock.now()); }
    [[nodiscard]] std::string token() const { return sign_token(key, "JWT", claims); }
    Verdict judge() {
        return judge_workload_token(keys, token(), {"https://ci.example", audience, clock.now()});
    }
    std::string reason() {
        const Verdict verdict = judge();
        return verdict.valid() ? "" : refusal(verdict, TokenUse::identify).reason;
    }
    std::string reason_with(const char* name, const Json& value) {
        const Json before = claims;
        if (value.is_null())
            claims.erase(name);
        else
            claims[name] = value;
        const std::string found = reason();
        claims = before;
        return found;
    }
    ProvedWorkload proved() { return proved_workload(judge(), token()); }

    test::FixedClock clock;
    SigningKey key;
    KeySet keys;
    Json claims;
};

} // namespace

TEST_CASE("an ID token of a workload is for one audience, from one issuer") {
    CiSystem ci;
    CHECK(ci.reason().empty());
    CHECK(ci.reason_with("aud", Json::array({audience})).empty());
    CHECK(ci.reason_with("aud", {audience, "other.example.org"}) == "wrong_audience");
    CHECK(ci.reason_with("aud", "other.example.org") == "wrong_audience");
    CHECK(ci.reason_with("aud", "AUTH.example.org") == "wrong_audience");
    CHECK(ci.reason_with("aud", Json::array()) == "wrong_audience");
    CHECK(ci.reason_with("aud", Json()) == "missing_claim");
    CHECK(ci.reason_with("aud", 7) == "bad_claim");
    CHECK(ci.reason_with("iss", "https://ci.example/") == "wrong_issuer");
    CHECK(ci.reason_with("sub", Json()) == "bad_claim");
    CHECK(ci.reason_with("sub", "") == "bad_claim");
    CHECK(ci.reason_with("sub", Json::array({"repo:example-org/app:x"})) == "bad_claim");
    // Service accounts of clouds have one, which names the account itself.
    CHECK(ci.reason_with("azp", "1042").empty());
    CHECK(ci.reason_with("jti", "") == "bad_claim");
    CHECK(ci.reason_with("jti", 7) == "bad_claim");
    CHECK(ci.reason_with("jti", Json()).empty());
}

TEST_CASE("an ID token of a workload is an hour old at most") {
    CiSystem ci;
    CHECK(ci.reason_with("iat", Json()) == "missing_claim");
    CHECK(ci.reason_with("iat", "now") == "bad_claim");
    CHECK(ci.reason_with("iat", ci.now() + 61) == "issued_in_future");
    CHECK(ci.reason_with("nbf", ci.now() + 61) == "not_yet_valid");
    CHECK(ci.reason_with("exp", Json()) == "missing_claim");
    CHECK(ci.reason_with("exp", ci.now() - 60) == "expired");
    ci.claims["exp"] = ci.now() + 86400;
    CHECK(ci.reason_with("iat", ci.now() - 3600).empty());
    CHECK(ci.reason_with("iat", ci.now() - 3601) == "expired");
    CHECK(ci.reason_with("iat", -1e300) == "expired");
}

TEST_CASE("only a key of the issuer signs for a workload") {
    CiSystem ci;
    const std::string secret(32, 'x');
    const Json jwk = {{"kty", "oct"}, {"k", to_base64url(secret)}, {"kid", "s"}};
    ci.keys = KeySet::from_jwks(Json{{"keys", {jwk}}}.dump()).value();
    ci.key = SigningKey::from_shared_secret(Secret(secret)).value();
    CHECK(ci.reason() == "wrong_algorithm");
    CiSystem other;
    other.key = SigningKey::generate(Algorithm::es256);
    CHECK(other.reason() == "unknown_key");
}

TEST_CASE("a token is told from others by its id, or by what is signed") {
    CiSystem ci;
    const std::string first = ci.proved().digest;
    ci.claims["run_attempt"] = "2";
    CHECK(ci.proved().digest == first);
    ci.claims["jti"] = "j-2";
    CHECK(ci.proved().digest != first);
    ci.claims.erase("jti");
    const std::string whole = ci.proved().digest;
    CHECK(ci.proved().digest == whole); // ES256 signs anew each time, with another signature
    ci.claims["run_attempt"] = "3";
    CHECK(ci.proved().digest != whole);
}

TEST_CASE("a used token is remembered for as long as it would be accepted") {
    CiSystem ci;
    ci.claims["exp"] = static_cast<double>(ci.now()) + 300.5;
    ci.claims["iat"] = static_cast<double>(ci.now()) - 0.5;
    const ProvedWorkload proved = ci.proved();
    CHECK(proved.issued_at == ci.clock.now() - 1s);
    CHECK(proved.usable_until >= ci.clock.now() + 361s);
    CHECK(proved.usable_until <= ci.clock.now() + 363s);
    ci.clock.set(proved.usable_until);
    CHECK(ci.reason() == "expired");
    ci.clock.set(test::FixedClock().now());
    for (const Json& far : {Json(1e300), Json(ci.now() + 86400)}) {
        ci.claims["exp"] = far;
        CHECK(ci.proved().usable_until <= ci.clock.now() + 3602s);
        CHECK(ci.proved().usable_until >= ci.clock.now() + 3599s);
    }
}
