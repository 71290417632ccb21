#include "core/base/encoding.h"
#include "core/jose/verifier.h"
#include "support/catch.h"

#include <map>

using namespace auth;
using namespace std::chrono_literals;

namespace {

const Time now = from_unix_seconds(1'769'850'300);

const SigningKey& own_key() {
    static const SigningKey key = SigningKey::generate(Algorithm::es256);
    return key;
}

const SigningKey& foreign_key() {
    static const SigningKey key = SigningKey::generate(Algorithm::eddsa);
    return key;
}

VerificationKey public_half(const SigningKey& key) {
    auto half = VerificationKey::from_jwk(key.public_jwk());
    REQUIRE(half);
    return *std::move(half);
}

// Knows both keys by their names, and counts how often it was asked.
struct Source {
    int asked = 0;
    std::optional<Problem> foreign_problem{};
    std::string foreign_issuer = "them";

    KeyAnswer find(const Json& header) {
        ++asked;
        const std::string kid = text_member(header, "kid");
        if (kid == own_key().kid())
            return {.key = public_half(own_key()), .origin = KeyOrigin{true, "us", {}}};
        if (kid == foreign_key().kid())
            return {.key = public_half(foreign_key()),
                    .problem = foreign_problem,
                    .origin = KeyOrigin{false, "us", foreign_issuer}};
        return {.problem = because(Reason::unknown_key, "kid", "nobody's")};
    }
};

Expectations expectations() {
    Expectations expected;
    expected.own.now = expected.foreign.now = now;
    expected.own.type = "at+jwt";
    expected.own.issuer = "us";
    expected.own.audience = "api";
    expected.foreign.audience = "api";
    expected.foreign.audience_optional = true;
    return expected;
}

Json good_claims() {
    return {{"iss", "us"},
            {"sub", "ann"},
            {"aud", "api"},
            {"exp", unix_seconds(now) + 60},
            {"iat", unix_seconds(now)}};
}

Json their_claims() {
    Json claims = good_claims();
    claims["iss"] = "them";
    return claims;
}

std::vector<std::string> codes(const Verdict& verdict) {
    std::vector<std::string> out;
    for (const Problem& problem : verdict.problems)
        out.push_back(problem.claim + ":" + problem.code);
    return out;
}

using Codes = std::vector<std::string>;

struct Bench {
    explicit Bench(Expectations wanted = expectations())
        : verifier([this](const Json& header) { return source.find(header); }, std::move(wanted)) {}
    Source source;
    Verifier verifier;

    Verdict verify(std::string_view token) { return verifier.verify(token).value(); }
    Verdict own(const Json& claims, std::string_view type = "at+jwt") {
        return verify(sign_token(own_key(), type, claims));
    }
    Verdict foreign(const Json& claims, std::string_view type = "JWT") {
        return verify(sign_token(foreign_key(), type, claims));
    }
};

// Any header and payload, signed with our key.
std::string signed_text(const std::string& header, const std::string& payload) {
    std::string token = to_base64url(header) + "." + to_base64url(payload);
    token += "." + to_base64url(own_key().sign(token));
    return token;
}

std::string own_header(const std::string& more = "") {
    return R"({"alg":"ES256","kid":")" + own_key().kid() + "\"" + more + "}";
}

// The last byte of a token's signature, changed.
std::string forged(std::string token) {
    const std::size_t at = token.rfind('.') + 10;
    token[at] = token[at] == 'A' ? 'B' : 'A';
    return token;
}

} // namespace

TEST_CASE("a token that may be trusted shows what it says") {
    Bench bench;
    const Verdict verdict = bench.own(good_claims());
    REQUIRE(verdict.valid());
    CHECK(verdict.ours);
    CHECK(verdict.claims == good_claims());
    CHECK(verdict.payload == good_claims().dump());
    CHECK(verdict.header->json.at("kid") == own_key().kid());
    CHECK(verdict.header->text == verdict.header->json.dump());
}

TEST_CASE("a header is looked into once, however many tokens have it") {
    Bench bench;
    for (int i = 0; i < 50; ++i) {
        Json claims = good_claims();
        claims["jti"] = std::to_string(i);
        const Verdict verdict = bench.own(claims);
        REQUIRE(verdict.valid());
        CHECK(verdict.claims.at("jti") == std::to_string(i));
    }
    CHECK(bench.source.asked == 1);
    CHECK(bench.foreign(their_claims()).valid());
    CHECK(bench.source.asked == 2);
    CHECK(bench.own(good_claims()).ours);
    CHECK_FALSE(bench.foreign(their_claims()).ours);
    CHECK(bench.source.asked == 2);
}

TEST_CASE(
    "what is wrong with a header is remembered as well, and nothing of one sticks to another") {
    Bench bench;
    const std::string unknown =
        sign_token(SigningKey::generate(Algorithm::eddsa), "JWT", good_claims());
    for (int i = 0; i < 3; ++i) {
        CHECK(codes(bench.verify(unknown)) == Codes{"kid:unknown_key"});
        CHECK(bench.own(good_claims()).valid());
        CHECK(codes(bench.verify("e30.e30.AAAA")) == Codes{"alg:missing_algorithm"});
    }
    CHECK(bench.source.asked == 2);
}

TEST_CASE("a stream of hostile headers does not pile up, and does no harm") {
    Bench bench;
    for (int i = 0; i < 1000; ++i) {
        const std::string header = own_header(R"(,"x":)" + std::to_string(i));
        REQUIRE(bench.verify(signed_text(header, good_claims().dump())).problems.size() ==
                1); // no typ
    }
    CHECK(bench.source.asked == 1000);
    CHECK(bench.own(good_claims()).valid());
}

TEST_CASE("from a renewal on, time and keys are new") {
    Bench bench;
    const std::string token = sign_token(own_key(), "at+jwt", good_claims());
    CHECK(bench.verify(token).valid());
    bench.verifier.renew(now + 60s);
    CHECK(bench.verifier.expected().own.now == now + 60s);
    CHECK(bench.verifier.expected().foreign.now == now + 60s);
    CHECK(codes(bench.verify(token)) == Codes{"exp:expired"});
    CHECK(bench.source.asked == 2);
}

TEST_CASE("nothing that a token claims is looked at before its signature is right") {
    Bench bench;
    Json claims = good_claims();
    claims["exp"] = 1;
    claims["iss"] = "them";
    const Verdict verdict = bench.verify(forged(sign_token(own_key(), "at+jwt", claims)));
    CHECK(codes(verdict) == Codes{":bad_signature"});
    CHECK(verdict.claims.is_null());
    CHECK(verdict.payload.empty());
    CHECK_FALSE(verdict.ours);
    // Not even whether it is JSON.
    CHECK(codes(bench.verify(forged(signed_text(own_header(), "no JSON")))) ==
          Codes{":bad_signature"});
    CHECK(codes(bench.verify(signed_text(own_header(), "no JSON"))) == Codes{":malformed"});
}

TEST_CASE("all that is wrong with the claims is said at once") {
    Bench bench;
    const Json claims{{"iss", "them"},
                      {"aud", "else"},
                      {"exp", unix_seconds(now) - 192},
                      {"nbf", unix_seconds(now) + 30},
                      {"iat", unix_seconds(now) + 61},
                      {"jti", 7}};
    const Verdict verdict = bench.own(claims, "JWT");
    CHECK(codes(verdict) == Codes{"typ:wrong_type", "exp:expired", "nbf:not_yet_valid",
                                  "iat:issued_in_future", "iss:wrong_issuer", "aud:wrong_audience",
                                  "jti:bad_claim"});
    CHECK(verdict.problems.at(1).detail == "expired 3m12s ago");
    CHECK(codes(bench.own(Json::object())) ==
          Codes{"exp:missing_claim", "iss:missing_claim", "aud:missing_claim"});
}

TEST_CASE("our tokens are held to our rules, the others to what was asked") {
    Bench bench;
    Json theirs = good_claims();
    theirs["iss"] = "them";
    CHECK(codes(bench.own(theirs)) == Codes{"iss:wrong_issuer"});
    CHECK(bench.foreign(theirs).valid());
    CHECK(codes(bench.own(good_claims(), "JWT")) == Codes{"typ:wrong_type"});
    CHECK(bench.foreign(their_claims(), "").valid());
    Expectations expected = expectations();
    expected.foreign.issuer = "us";
    expected.foreign.subject = "bob";
    expected.foreign.type = "JWT";
    Bench strict(expected);
    CHECK(codes(strict.foreign(theirs, "at+jwt")) ==
          Codes{"typ:wrong_type", "iss:wrong_issuer", "sub:wrong_subject"});
}

TEST_CASE("an audience that nobody asked for may be missing, but not be another's") {
    Bench bench;
    Json ours = good_claims();
    ours.erase("aud");
    CHECK(codes(bench.own(ours)) == Codes{"aud:missing_claim"});
    Json claims = their_claims();
    claims.erase("aud");
    CHECK(bench.foreign(claims).valid());
    claims["aud"] = "else";
    CHECK(codes(bench.foreign(claims)) == Codes{"aud:wrong_audience"});
    claims["aud"] = Json{"else", "api"};
    CHECK(bench.foreign(claims).valid());
    Expectations asked = expectations();
    asked.foreign.audience_optional = false;
    claims.erase("aud");
    CHECK(codes(Bench(asked).foreign(claims)) == Codes{"aud:missing_claim"});
}

TEST_CASE("leeway forgives what clocks may differ by") {
    Expectations expected = expectations();
    expected.own.leeway = expected.foreign.leeway = 10s;
    Bench bench(expected);
    Json claims = good_claims();
    claims["exp"] = unix_seconds(now) - 9;
    CHECK(bench.own(claims).valid());
    claims["exp"] = unix_seconds(now) - 10;
    CHECK(codes(bench.own(claims)) == Codes{"exp:expired"});
}

TEST_CASE("one algorithm alone may be let in") {
    Expectations expected = expectations();
    expected.algorithm = Algorithm::es256;
    Bench bench(expected);
    CHECK(bench.own(good_claims()).valid());
    const Verdict refused = bench.foreign(their_claims());
    CHECK(codes(refused) == Codes{"alg:wrong_algorithm"});
    CHECK(refused.problems.front().detail == "EdDSA, not ES256");
    CHECK(bench.source.asked == 1); // the other key was not even looked for
}

TEST_CASE("a key answers for its own algorithm alone") {
    Bench bench;
    // The public key as the secret of an HMAC (RFC 8725 section 2.1).
    const std::string bytes = own_key().public_jwk().dump();
    const auto confused = SigningKey::from_shared_secret(Secret(bytes));
    REQUIRE(confused);
    std::string token = to_base64url(R"({"alg":"HS256","kid":")" + own_key().kid() + "\"}") + "." +
                        to_base64url(good_claims().dump());
    token += "." + to_base64url(confused->sign(token));
    CHECK(codes(bench.verify(token)) == Codes{"alg:wrong_algorithm"});
}

TEST_CASE("where the signature alone counts, the payload may be anything") {
    Expectations expected = expectations();
    expected.signature_only = true;
    Bench bench(expected);
    const Verdict words = bench.verify(signed_text(own_header(), "\xff not JSON"));
    REQUIRE(words.valid());
    CHECK(words.payload == "\xff not JSON");
    CHECK(words.claims.is_null());
    const Verdict late = bench.own(Json{{"exp", 1}}, "JWT");
    REQUIRE(late.valid());
    CHECK(late.claims.at("exp") == 1);
    CHECK(bench.verify(signed_text(own_header(), "")).valid());
    CHECK(codes(bench.verify(forged(signed_text(own_header(), "x")))) == Codes{":bad_signature"});
    CHECK(codes(bench.verify(signed_text(own_header(R"(,"crit":["x"])"), "x"))) ==
          Codes{"crit:critical_header"});
}

TEST_CASE("what is no token, or forbids trust by its header, is refused before any key is asked") {
    Bench bench;
    const std::string claims = to_base64url(good_claims().dump());
    const std::map<std::string, std::string> refused{
        {"", ":malformed"},
        {"a.b", ":malformed"},
        {"a.b.c.d", ":malformed"},
        {"a.b.c.d.e", ":encrypted"},
        {std::string(70'000, 'a'), ":too_long"},
        {"e30=." + claims + ".AAAA", ":malformed"},
        {to_base64url(R"({"alg":"ES256","alg":"ES256"})") + "." + claims + ".AAAA",
         ":duplicate_member"},
        {to_base64url(R"({"alg":"none"})") + "." + claims + ".", "alg:unsecured"},
        {to_base64url(R"({"alg":"NonE"})") + "." + claims + ".", "alg:unsecured"},
        {to_base64url(R"({"alg":"ES256K"})") + "." + claims + ".AAAA", "alg:unknown_algorithm"}};
    for (const auto& [token, code] : refused) {
        CAPTURE(token.substr(0, 200));
        const Verdict verdict = bench.verify(token);
        CHECK(codes(verdict) == Codes{code});
        CHECK(verdict.claims.is_null());
    }
    CHECK(bench.source.asked == 0);
}

TEST_CASE("a key in the header condemns tokens of ours, and is ignored in those of others") {
    const std::string ours =
        signed_text(own_header(R"(,"typ":"at+jwt","jku":"https://x/")"), good_claims().dump());
    for (const bool signature_only : {false, true}) {
        Expectations expected = expectations();
        expected.signature_only = signature_only;
        CHECK(codes(Bench(expected).verify(ours)) == Codes{"jku:embedded_key"});
    }
    const auto theirs = [](const SigningKey& key) {
        const Json header{{"alg", "EdDSA"},
                          {"kid", foreign_key().kid()},
                          {"x5c", {"MIIB"}},
                          {"jwk", key.public_jwk()}};
        std::string token = to_base64url(header.dump()) + "." + to_base64url(their_claims().dump());
        token += "." + to_base64url(key.sign(token));
        return token;
    };
    Bench bench;
    const Verdict good = bench.verify(theirs(foreign_key()));
    CHECK(good.valid());
    CHECK(good.ignored_headers == Codes{"jwk", "x5c"});
    const Verdict forgery = bench.verify(theirs(SigningKey::generate(Algorithm::eddsa)));
    CHECK(codes(forgery) == Codes{":bad_signature"});
    // Nobody's key is not that of the header.
    CHECK(codes(bench.verify(signed_text(R"({"alg":"ES256","jku":"https://x/"})", "{}"))) ==
          Codes{"kid:unknown_key"});
}

TEST_CASE("a key may be good for some times only") {
    struct Dated {
        Verifier verifier;
        explicit Dated(bool signature_only)
            : verifier(
                  [](const Json&) -> Result<KeyAnswer> {
                      KeyAnswer answer{.key = public_half(foreign_key())};
                      answer.objection = [](const Json& claims, Time) -> std::optional<Problem> {
                          if (claims.is_object() && claims.contains("good"))
                              return std::nullopt;
                          return because(Reason::untrusted_certificate, "x5c", "not then");
                      };
                      return answer;
                  },
                  [&] {
                      Expectations expected = expectations();
                      expected.signature_only = signature_only;
                      return expected;
                  }()) {}
        Codes of(const Json& claims) {
            return codes(verifier.verify(sign_token(foreign_key(), "JWT", claims)).value());
        }
    };
    for (const bool signature_only : {false, true}) {
        Dated dated(signature_only);
        Json claims = their_claims();
        CHECK(dated.of(claims) == Codes{"x5c:untrusted_certificate"});
        claims["good"] = 1;
        CHECK(dated.of(claims).empty());
        // The same header again: each token is asked about.
        claims.erase("good");
        CHECK(dated.of(claims) == Codes{"x5c:untrusted_certificate"});
    }
}

TEST_CASE("Ed25519 is what EdDSA is") {
    for (const char* name : {"EdDSA", "Ed25519"}) {
        const Json header{{"alg", name}, {"kid", foreign_key().kid()}};
        std::string token = to_base64url(header.dump()) + "." + to_base64url(their_claims().dump());
        token += "." + to_base64url(foreign_key().sign(token));
        CHECK(Bench().verify(token).valid());
        CHECK_FALSE(Bench().verify(forged(token)).valid());
    }
}

TEST_CASE("a withdrawn key is told of only to those who have a token by it") {
    Bench bench;
    bench.source.foreign_problem = because(Reason::revoked_key, "kid", "the key was revoked");
    const Verdict revoked = bench.foreign(their_claims());
    CHECK(codes(revoked) == Codes{"kid:revoked_key"});
    CHECK(revoked.signature == true);
    CHECK(revoked.claims.is_null());
    const Verdict made_up = bench.verify(forged(sign_token(foreign_key(), "JWT", their_claims())));
    CHECK(codes(made_up) == Codes{":bad_signature"});
    CHECK(made_up.signature == false);
}

TEST_CASE("a look goes on after each problem, and tells all of them") {
    Expectations expected;
    expected.own.now = expected.foreign.now = now;
    expected.all_problems = true;
    Bench bench(expected);
    Json claims = good_claims();
    claims["exp"] = 1;
    CHECK(codes(bench.verify(forged(sign_token(own_key(), "at+jwt", claims)))) ==
          Codes{":bad_signature", "exp:expired"});
    CHECK(codes(bench.verify(signed_text(own_header(R"(,"crit":["x"])"), claims.dump()))) ==
          Codes{"crit:critical_header", "exp:expired"});
    const Verdict unknown =
        bench.verify(sign_token(SigningKey::generate(Algorithm::eddsa), "JWT", claims));
    CHECK(codes(unknown) == Codes{"kid:unknown_key", "exp:expired"});
    CHECK_FALSE(unknown.signature);
    CHECK(unknown.claims == claims);
    CHECK(codes(bench.verify("a.b")) == Codes{":malformed"});
}

TEST_CASE("where the key cannot be read nothing is said of the token") {
    const FindKey broken = [](const Json&) -> Result<KeyAnswer> {
        return fail(error(ErrorCode::io, "the disk is gone"));
    };
    Verifier verifier(broken, expectations());
    const auto verdict = verifier.verify(sign_token(own_key(), "at+jwt", good_claims()));
    REQUIRE_FALSE(verdict);
    CHECK(verdict.error().code == ErrorCode::io);
    // Other tokens are told for what they are.
    CHECK(verifier.verify("a.b")->problems.size() == 1);
}

TEST_CASE("a signature proves who signed, and not that they may say it") {
    Bench bench;
    const auto says = [&](const Json& issuer) {
        Json claims = their_claims();
        claims["iss"] = issuer;
        if (issuer.is_null())
            claims.erase("iss");
        const Codes found = codes(bench.foreign(claims));
        bench.verifier.renew(now); // the next one has another key, as it were
        return found.empty() ? "" : found.front();
    };
    CHECK(says("them").empty());
    for (const char* other : {"us", "", "them/", "Them", "somebody"})
        CHECK(says(other) == "iss:wrong_issuer");
    CHECK(says(nullptr) == "iss:missing_claim");
    CHECK(says(7) == "iss:bad_claim");
    bench.source.foreign_issuer = "*";
    CHECK(says("them").empty());
    CHECK(says("somebody").empty());
    CHECK(says("us") == "iss:wrong_issuer");
    CHECK(says("") == "iss:wrong_issuer");
    CHECK(says(nullptr) == "iss:missing_claim");
    bench.source.foreign_issuer = "";
    CHECK(says(nullptr).empty());
    CHECK(says("them") == "iss:wrong_issuer");
    CHECK(says("us") == "iss:wrong_issuer");
    CHECK(codes(bench.foreign(their_claims(), "at+jwt")) ==
          Codes{"typ:wrong_type", "iss:wrong_issuer"});
}

TEST_CASE("types made for another purpose pass only where they are asked for") {
    Bench bench;
    for (const char* type : {"id+jwt", "logout+jwt", "secevent+jwt", "dpop+jwt", "rt+jwt", "kb+jwt",
                             "application/ID+JWT", "vc+sd-jwt", "passport", "jwt+x"})
        CHECK(codes(bench.foreign(their_claims(), type)) == Codes{"typ:wrong_type"});
    for (const char* type : {"JWT", "jwt", "application/jwt", "JOSE", ""})
        CHECK(bench.foreign(their_claims(), type).valid());
    Json logout = their_claims();
    logout["events"] = {{"http://schemas.openid.net/event/backchannel-logout", Json::object()}};
    for (const char* type : {"JWT", ""})
        CHECK(codes(bench.foreign(logout, type)) == Codes{"events:wrong_type"});
    for (const Json& events : {Json{"login"}, Json{{"login", 1}}, Json("a:b")}) {
        logout["events"] = events;
        CHECK(bench.foreign(logout, "JWT").valid());
    }
    Expectations asked = expectations();
    asked.foreign.type = "id+jwt";
    CHECK(Bench(asked).foreign(their_claims(), "id+jwt").valid());
    CHECK(codes(Bench(asked).foreign(their_claims(), "JWT")) == Codes{"typ:wrong_type"});
}

TEST_CASE("an empty kid names no key") {
    Bench bench;
    const std::string token =
        signed_text(R"({"alg":"ES256","kid":"","typ":"at+jwt"})", good_claims().dump());
    CHECK(codes(bench.verify(token)) == Codes{"kid:unknown_key"});
    CHECK(bench.source.asked == 0);
}
