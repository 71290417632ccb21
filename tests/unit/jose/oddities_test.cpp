#include "core/jose/oddities.h"
#include "support/catch.h"

#include <limits>

using namespace auth;

namespace {

// Nothing about it is odd.
Token plain() {
    return {{{"alg", "ES256"}, {"typ", "at+jwt"}, {"kid", "1"}},
            {{"iss", "https://id.example.org"},
             {"sub", "0198a0b1-0000-7000-8000-00000000000a"},
             {"aud", "api"},
             {"exp", 1769850900},
             {"iat", 1769850300},
             {"jti", "1"}},
            "",
            ""};
}

// "code claim" of each, in order.
std::vector<std::string> oddities(const Token& token, std::size_t size = 600) {
    std::vector<std::string> out;
    for (const Problem& found : find_oddities(token, size)) {
        CHECK_FALSE(found.detail.empty());
        out.push_back(found.code + (found.claim.empty() ? "" : " " + found.claim));
    }
    return out;
}

std::vector<std::string> with_claims(const Json& claims) {
    Token token = plain();
    token.claims.update(claims);
    return oddities(token);
}

std::vector<std::string> with_header(const Json& header) {
    Token token = plain();
    token.header.update(header);
    return oddities(token);
}

std::string detail_with(const Json& claims) {
    Token token = plain();
    token.claims.update(claims);
    const auto found = find_oddities(token, 600);
    return found.size() == 1 ? found.front().detail : "";
}

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("a token as RFC 9068 wants it has nothing unusual") {
    CHECK(oddities(plain()).empty());
    CHECK(with_claims({{"aud", {"a", "b"}}, {"roles", {"x", "y"}}, {"nbf", 1769850300}}).empty());
    CHECK(with_claims({{"scope", "a b"}, {"sid", "x"}, {"client_id", "y"}}).empty());
}

TEST_CASE("a key in the header is told") {
    CHECK(with_header({{"jku", "https://x/"}, {"x5c", {"MIIB"}}, {"x5t", "AAAA"}}) ==
          Names{"key_in_header jku", "key_in_header x5c"});
}

TEST_CASE("what a token lacks is told") {
    Token token = plain();
    token.header.erase("typ");
    for (const char* claim : {"exp", "aud", "iss", "jti"})
        token.claims.erase(claim);
    CHECK(oddities(token) ==
          Names{"no_expiry exp", "no_audience aud", "no_issuer iss", "no_id jti", "no_type typ"});
    CHECK(oddities(Token{Json::object(), Json::object(), "", ""}) ==
          Names{"no_expiry exp", "no_audience aud", "no_issuer iss", "no_id jti", "no_type typ"});
}

TEST_CASE("a life over a day is long") {
    constexpr std::int64_t iat = 1769850300;
    CHECK(with_claims({{"exp", iat + 86400}}).empty());
    CHECK(with_claims({{"exp", iat + 86401}}) == Names{"long_lived exp"});
    CHECK(detail_with({{"exp", iat + 86401}}) == "lives 1 day");
    CHECK(detail_with({{"exp", iat + 30 * 86400}}) == "lives 30 days");
    CHECK(detail_with({{"exp", iat + 365 * 86400}}) == "lives 1 year");
    CHECK(detail_with({{"exp", iat + 3653LL * 86400}}) == "lives 10 years");
    CHECK(detail_with({{"exp", 99999999999}}) == "lives more than 1000 years");
    Token token = plain();
    token.claims.erase("iat");
    token.claims["exp"] = 99999999999;
    CHECK(oddities(token).empty());
    token.claims["nbf"] = iat;
    CHECK(oddities(token) == Names{"long_lived exp"});
}

TEST_CASE("times in milliseconds are seen, and still compared") {
    CHECK(with_claims({{"exp", 1769850900000}}) == Names{"milliseconds exp"});
    CHECK(with_claims({{"exp", 1769850900000}, {"iat", 1769850300123.5}}) ==
          Names{"milliseconds exp", "milliseconds iat"});
    CHECK(with_claims({{"nbf", 1769850300000}}) == Names{"milliseconds nbf"});
    CHECK(with_claims({{"auth_time", 1769850300000}}) == Names{"milliseconds auth_time"});
}

TEST_CASE("times that contradict each other are told") {
    CHECK(with_claims({{"nbf", 1769850900}}) == Names{"never_valid nbf"});
    CHECK(with_claims({{"nbf", 1769850899}}).empty());
    CHECK(with_claims({{"iat", 1769850901}}) == Names{"issued_after_expiry iat"});
    CHECK(with_claims({{"iat", 1769850900}}).empty());
}

TEST_CASE("times of any type are no reason to fall over") {
    for (const Json& value : {Json("soon"), Json(), Json(true), Json::array({1}), Json(1e308),
                              Json(-1e308), Json(std::numeric_limits<std::uint64_t>::max())})
        for (const char* claim : {"exp", "nbf", "iat", "auth_time"})
            CHECK(with_claims({{claim, value}}).size() <= 3);
}

TEST_CASE("what tells of a person is told") {
    for (const char* claim : {"email", "phone_number", "address", "birthdate", "national_id"})
        CHECK(with_claims({{claim, "x"}}) == Names{std::string("personal_data ") + claim});
    CHECK(with_claims({{"sub", "ann@example.org"}}) == Names{"personal_data sub"});
    CHECK(with_claims({{"sub", ""}}) == Names{"empty_subject sub"});
    for (const char* subject : {"ann", "ann@host", "@example.org", "acct:ann@example.org",
                                "google|ann@example.org", "https://ann@example.org"})
        CHECK(with_claims({{"sub", subject}}).empty());
    CHECK(with_claims({{"sub", 7}}).empty());
}

TEST_CASE("a name that is nearly a registered one is told") {
    CHECK(with_claims({{"Exp", 1}}) == Names{"misnamed Exp"});
    CHECK(with_claims({{"AUD", "x"}}) == Names{"misnamed AUD"});
    CHECK(detail_with({{"Exp", 1}}) == "did you mean \"exp\"?");
    CHECK(with_header({{"Alg", "none"}}) == Names{"misnamed Alg"});
    // In other words only where the registered one is missing.
    CHECK(with_claims({{"expires_in", 600}, {"issuer", "x"}, {"audience", "y"}}).empty());
    for (const char* name :
         {"expires", "expiry", "expires_at", "expiresAt", "expires-in", "expiration", "EXPIRES"}) {
        Token token = plain();
        token.claims.erase("exp");
        token.claims[name] = 1769850900;
        CHECK(oddities(token) == Names{"no_expiry exp", std::string("misnamed ") + name});
    }
    Token token = plain();
    token.header.erase("typ");
    token.header["type"] = "JWT";
    CHECK(oddities(token) == Names{"misnamed type", "no_type typ"});
    CHECK(with_claims({{"experience", 1}, {"audio", 1}, {"subs", 1}, {"", 1}}).empty());
}

TEST_CASE("a header that does not fit its algorithm is told") {
    CHECK(with_header({{"alg", "HS256"}, {"x5t", "x"}}) == Names{"odd_header x5t"});
    CHECK(with_header({{"alg", "HS256"}, {"x5t#S256", "x"}}) == Names{"odd_header x5t#S256"});
    CHECK(with_header({{"x5t", "x"}}).empty());
    CHECK(with_header({{"alg", "HS256"}}).empty());
    for (const char* none : {"none", "None", "NONE"})
        CHECK(with_header({{"alg", none}}) == Names{"unsecured alg"});
    CHECK(with_header({{"alg", 1}}).empty());
}

TEST_CASE("what stands twice in a list is told") {
    CHECK(with_claims({{"roles", {"admin", "tester", "admin"}}}) == Names{"repeated roles"});
    CHECK(detail_with({{"aud", {"a", "a"}}}) == "'a' stands there twice");
    CHECK(with_claims({{"roles", "admin admin"}}).empty());
    CHECK(with_claims({{"roles", {1, "1"}}}).empty());
}

TEST_CASE("a token over 4 KiB is large") {
    CHECK(oddities(plain(), 4096).empty());
    CHECK(oddities(plain(), 4097) == Names{"large"});
}
