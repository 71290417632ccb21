#include "core/base/encoding.h"
#include "core/jose/exact_json.h"
#include "core/jose/token_look.h"
#include "support/catch.h"

#include <algorithm>

using namespace auth;

namespace {

using Codes = std::vector<std::string>;

constexpr std::string_view header = R"({"alg":"HS256","typ":"JWT"})";
// Its base64 has both letters that base64url replaces.
constexpr std::string_view look_payload = R"({"sub":"u-1","a":"??>>~~~"})";

std::string token_of(std::string_view head, std::string_view body) {
    return to_base64url(head) + "." + to_base64url(body) + "." + to_base64url("signature1");
}

Codes unusual(const std::string& text) {
    const auto look = look_into_token(text);
    REQUIRE(look);
    CHECK(look->claims.at("sub") == "u-1");
    CHECK(look->token.claims.at("sub") == "u-1");
    CHECK(look->token.signature == "signature1");
    Codes codes;
    for (const Problem& problem : look->unusual)
        codes.push_back(problem.code);
    return codes;
}

std::string reason(const std::string& text) {
    const auto look = look_into_token(text);
    return look ? "read" : look.error().reason;
}

} // namespace

TEST_CASE("a canonical token is read as its verifiers read it") {
    const std::string text = token_of(header, look_payload);
    CHECK(unusual(text).empty());
    const auto strict = parse_token(text);
    const auto look = look_into_token(text);
    REQUIRE(strict);
    CHECK(look->token.header == strict->header);
    CHECK(look->token.claims == strict->claims);
    CHECK(look->token.signing_input == strict->signing_input);
}

TEST_CASE("padding, base64's own letters and bits behind the last byte are seen, and said") {
    const std::string padded = to_base64url(header) + "=." + to_base64url(look_payload) + "." +
                               to_base64url("signature1") + "==";
    CHECK(unusual(padded) == Codes{"padded"});
    CHECK(look_into_token(padded)->unusual.front().detail ==
          "header, signature: padded with '=', which a JWS must not be (RFC 7515 section 2)");

    std::string plain = to_base64(look_payload);
    plain.erase(std::min(plain.find('='), plain.size()));
    REQUIRE(plain.find_first_of("+/") != std::string::npos);
    CHECK(unusual(to_base64url(header) + "." + plain + "." + to_base64url("signature1")) ==
          Codes{"base64"});

    std::string late = token_of(header, look_payload);
    REQUIRE(late.back() == 'Q');
    late.back() = 'R';
    CHECK(unusual(late) == Codes{"last_bits"});
    CHECK(unusual(late + "==") == Codes{"padded", "last_bits"});
    for (const std::string& text : {padded, late})
        CHECK_FALSE(parse_token(text));
}

TEST_CASE("numbers are shown as they were written, and counted as doubles") {
    const auto look = look_into_token(
        token_of(R"({"alg":"ES256","exp":2.0610E9})", R"({"exp":2061000000.50,"n":1e400})"));
    REQUIRE(look);
    CHECK(write_json(look->header) == R"({"alg":"ES256","exp":2.0610E9})");
    CHECK(write_json(look->claims) == R"({"exp":2061000000.50,"n":1e400})");
    CHECK(look->token.claims.at("exp") == 2061000000.5);
}

TEST_CASE("a header of any length is shown") {
    CHECK(reason(token_of(R"({"alg":"ES256","x":")" + std::string(9'000, 'x') + "\"}", "{}")) ==
          "read");
}

TEST_CASE("text that is not a token is not looked into") {
    for (const char* text : {"", "a", "a.b", "not.a.token", "e30.e30", "e30.e30.=", "e30.e30.A",
                             "e30.e30.AAAA===", "e30.=e30.", "e3 0.e30.", "e30\n.e30.", "e30.W10.",
                             "e30.ew.", "e30.e30%3D."})
        CHECK(reason(text) == "malformed");
    CHECK(reason("e30.e30.e30.e30.e30") == "encrypted");
    CHECK(reason(token_of(header, R"({"a":1,"a":2})")) == "duplicate_member");
    CHECK(reason(std::string(70'000, 'e') + "..") == "too_long");
}
