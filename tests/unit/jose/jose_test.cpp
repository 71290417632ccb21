#include "core/base/encoding.h"
#include "core/jose/jose.h"
#include "support/catch.h"

#include <nlohmann/json.hpp>

#include <limits>
#include <string>

using namespace auth;

namespace {

const Json rsa_key{
    {"kty", "RSA"},
    {"n", "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-"
          "4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_"
          "7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-"
          "UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-"
          "DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"},
    {"e", "AQAB"}};
const Json ec_key{{"kty", "EC"},
                  {"crv", "P-256"},
                  {"x", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"},
                  {"y", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}};
const Json ed_key{
    {"kty", "OKP"}, {"crv", "Ed25519"}, {"x", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}};
const std::string shared_secret =
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";

VerificationKey load(const Json& jwk, Algorithm algorithm) {
    auto key = VerificationKey::from_jwk(jwk, algorithm);
    REQUIRE(key);
    return *std::move(key);
}

VerificationKey load_shared(std::string_view bytes) {
    auto key = VerificationKey::from_shared_secret(Secret(bytes));
    REQUIRE(key);
    return *std::move(key);
}

Token parsed(std::string_view text) {
    auto token = parse_token(text);
    REQUIRE(token);
    return *std::move(token);
}

std::string reason_of(std::string_view text) {
    const auto token = parse_token(text);
    if (token)
        return "accepted";
    CHECK(token.error().code == ErrorCode::invalid_token);
    CHECK_FALSE(token.error().message.empty());
    return token.error().reason;
}

// A token of these parts, signed with nothing.
std::string raw_token(std::string_view header, std::string_view payload,
                      std::string_view signature = "c2ln") {
    return to_base64url(header) + "." + to_base64url(payload) + "." + std::string(signature);
}

std::vector<std::string> codes(const std::vector<Problem>& problems) {
    std::vector<std::string> out;
    for (const auto& problem : problems)
        out.push_back(problem.claim + ":" + problem.code);
    return out;
}

using Codes = std::vector<std::string>;

Codes header_codes(std::string_view header) {
    return codes(check_header(parsed(raw_token(header, "{}")).header));
}

std::string signature_code(const Token& token, const VerificationKey& key) {
    const auto problem = check_signature(token.header, token.signing_input, token.signature, key);
    return problem ? problem->code : "";
}

constexpr std::int64_t noon = 1'700'000'000;

ClaimRules rules_at(std::int64_t now) {
    ClaimRules rules;
    rules.now = from_unix_seconds(now);
    return rules;
}

std::vector<Problem> claim_problems(std::string_view payload, const ClaimRules& rules,
                                    std::string_view header = R"({"alg":"ES256"})") {
    const Token token = parsed(raw_token(header, payload));
    return check_claims(token.header, token.claims, rules);
}

Codes claim_codes(std::string_view payload, const ClaimRules& rules = rules_at(noon)) {
    return codes(claim_problems(payload, rules));
}

} // namespace

TEST_CASE("RFC 7515 appendix A.1: HS256", "[jose]") {
    const auto token =
        parsed("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
               "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb29"
               "0Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    CHECK(token.header.dump() == R"({"typ":"JWT","alg":"HS256"})");
    CHECK(token.claims.dump() ==
          R"({"iss":"joe","exp":1300819380,"http://example.com/is_root":true})");
    CHECK(check_header(token.header).empty());
    CHECK(signature_code(token, load_shared(*from_base64url(shared_secret))).empty());
    CHECK(signature_code(token, load_shared(shared_secret)) == "bad_signature");
    CHECK(check_claims(token.header, token.claims, rules_at(1'300'819'379)).empty());
    CHECK(codes(check_claims(token.header, token.claims, rules_at(1'300'819'380))) ==
          Codes{"exp:expired"});
}

TEST_CASE("RFC 7515 appendix A.2: RS256", "[jose]") {
    const auto token = parsed(
        "eyJhbGciOiJSUzI1NiJ9."
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cn"
        "VlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
        "O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_"
        "nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-"
        "eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp"
        "0igcN_IoypGlUPQGe77Rw");
    CHECK(check_header(token.header).empty());
    CHECK(signature_code(token, load(rsa_key, Algorithm::rs256)).empty());
    CHECK(signature_code(token, load(rsa_key, Algorithm::ps256)) == "wrong_algorithm");
}

TEST_CASE("RFC 7515 appendix A.3: ES256", "[jose]") {
    const auto token = parsed("eyJhbGciOiJFUzI1NiJ9."
                              "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxl"
                              "LmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-"
                              "F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
    CHECK(check_header(token.header).empty());
    CHECK(signature_code(token, load(ec_key, Algorithm::es256)).empty());
    CHECK(signature_code(token, load(ed_key, Algorithm::eddsa)) == "wrong_algorithm");
}

TEST_CASE("RFC 7515 appendix A.4: the payload is no object", "[jose]") {
    CHECK(reason_of("eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_"
                    "UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_"
                    "7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERB"
                    "XukOXolLzeO_Jn") == "malformed");
    CHECK(header_codes(R"({"alg":"ES512"})") == Codes{});
}

TEST_CASE("RFC 7515 appendix A.5: unsecured tokens can be shown, not trusted", "[jose]") {
    const auto token = parsed("eyJhbGciOiJub25lIn0."
                              "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxl"
                              "LmNvbS9pc19yb290Ijp0cnVlfQ.");
    CHECK(token.signature.empty());
    CHECK(codes(check_header(token.header)) == Codes{"alg:unsecured"});
    CHECK(signature_code(token, load(ec_key, Algorithm::es256)) == "wrong_algorithm");
}

TEST_CASE("tokens made by PyJWT 2.6.0 are verified", "[jose]") {
    const auto check = [](std::string_view text, const VerificationKey& key) {
        CAPTURE(text);
        const auto token = parsed(text);
        CHECK(token.header.at("kid") == "k1");
        CHECK(check_header(token.header).empty());
        CHECK(signature_code(token, key).empty());
        auto rules = rules_at(noon);
        rules.issuer = "https://id.example";
        rules.audience = "web";
        rules.subject = "01890a5d-ac96-774b-bcce-b302099a8057";
        CHECK(check_claims(token.header, token.claims, rules).empty());
    };
    check("eyJhbGciOiJIUzI1NiIsImtpZCI6ImsxIiwidHlwIjoiSldUIn0."
          "eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzdWIiOiIwMTg5MGE1ZC1hYzk2LTc3NGItYmNjZS1iMzAyMDk5"
          "YTgwNTciLCJhdWQiOlsiYXBpIiwid2ViIl0sImlhdCI6MTcwMDAwMDAwMCwiZXhwIjoxNzAwMDAwNjAwfQ."
          "JxXinmnCRi1K4hs2_LQxP9j1A-_Sf1Jl-1Lk48m3d_0",
          load_shared(*from_base64url(shared_secret)));
    check("eyJhbGciOiJSUzI1NiIsImtpZCI6ImsxIiwidHlwIjoiSldUIn0."
          "eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzdWIiOiIwMTg5MGE1ZC1hYzk2LTc3NGItYmNjZS1iMzAyMDk5"
          "YTgwNTciLCJhdWQiOlsiYXBpIiwid2ViIl0sImlhdCI6MTcwMDAwMDAwMCwiZXhwIjoxNzAwMDAwNjAwfQ."
          "mrqVFw7Qh48ttAvdRhNl1A0xhEdgkoYzhOxSfVg2qRFpKMhqD3rdyEe6AZT5euX99Z3AyZz7zWKF9nmcqnTpv-"
          "qB_MElVENnGBrYOjmIFupI6zjbsNqXkkuO5IykIRwRACXC3SVmQxBboIo1-v8RkE_ggTjrtoKPoaLD-"
          "fMAOfMWbYauHhCWJK6nNjzrYZCUALx6wKk4IsHGEx8UoG0j9R3wJb4n2J5FfEhLmL-03xpUTUfKRAI8Owim_"
          "ZoPdb9N2fmPVIcnFgIsT0YBerwliAVv5VwJ4WVf8WgU6p5dwrDvKTv3vckWVTHkx04VgpSMH_"
          "kCFNZwR19E2PNa8fKnRw",
          load(rsa_key, Algorithm::rs256));
    check("eyJhbGciOiJQUzI1NiIsImtpZCI6ImsxIiwidHlwIjoiSldUIn0."
          "eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzdWIiOiIwMTg5MGE1ZC1hYzk2LTc3NGItYmNjZS1iMzAyMDk5"
          "YTgwNTciLCJhdWQiOlsiYXBpIiwid2ViIl0sImlhdCI6MTcwMDAwMDAwMCwiZXhwIjoxNzAwMDAwNjAwfQ."
          "BaZ1Wm1xcSXRuWRLPK4agxhUTZrket-43mbMLSKvpOTKLn_Pbw51kvN23-Vtc1V9fuEYlVvcdByscyYbfzI_"
          "nZPXgPqwdDtvd90YVyefhzgdBhcNX9apy9w_9i91dvPv-RCJQQqJlQBw_NniJYQPbv_JfsOPKq_-"
          "RjRdEYHHZKG8xapieiepdmCW8w485e1nfJoTAO-BayrQ6DKK2zNb4UPUhLpYh-BDz2Xa_"
          "z80aReS2MwUKaocYVcObxvc1QNK-nk843m4__OBPCkifXFt5sdgwdG02yAqvl_"
          "TPrzGLIT6ooPTQ5wqHyHElHjMIeiNqb-AmTqO9OFxCmtBoTCtRw",
          load(rsa_key, Algorithm::ps256));
    check("eyJhbGciOiJFUzI1NiIsImtpZCI6ImsxIiwidHlwIjoiYXQrand0In0."
          "eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzdWIiOiIwMTg5MGE1ZC1hYzk2LTc3NGItYmNjZS1iMzAyMDk5"
          "YTgwNTciLCJhdWQiOlsiYXBpIiwid2ViIl0sImlhdCI6MTcwMDAwMDAwMCwiZXhwIjoxNzAwMDAwNjAwfQ."
          "tb3n2N_xwHUbTnhM36gjkYfGeQlhUiQKFyBCe-oVu5wVxgS9b0XU0CVc0jsXMEyJFPQbTgVgR9_ekKyS0x0t3Q",
          load(ec_key, Algorithm::es256));
    check("eyJhbGciOiJFZERTQSIsImtpZCI6ImsxIiwidHlwIjoiSldUIn0."
          "eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzdWIiOiIwMTg5MGE1ZC1hYzk2LTc3NGItYmNjZS1iMzAyMDk5"
          "YTgwNTciLCJhdWQiOlsiYXBpIiwid2ViIl0sImlhdCI6MTcwMDAwMDAwMCwiZXhwIjoxNzAwMDAwNjAwfQ."
          "We7ay74HF7hZnrW00SC4BwRGNYwEW6WmhLTS2vPk3CsTsGN_ukWP4zdNFjiqowyaLWHVkx0MHsfrxQ8tVkkTCw",
          load(ed_key, Algorithm::eddsa));
}

TEST_CASE("tokens made by python-jose 3.3.0 are verified", "[jose]") {
    const auto check = [](std::string_view text, const VerificationKey& key) {
        CAPTURE(text);
        const auto token = parsed(text);
        CHECK(check_header(token.header).empty());
        CHECK(signature_code(token, key).empty());
        auto rules = rules_at(noon);
        rules.type = "JWT";
        rules.audience = "api";
        CHECK(check_claims(token.header, token.claims, rules).empty());
    };
    check("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
          "eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzdWIiOiIwMTg5MGE1ZC1hYzk2LTc3NGItYmNjZS1iMzAyMDk5"
          "YTgwNTciLCJhdWQiOiJhcGkiLCJpYXQiOjE3MDAwMDAwMDAsImV4cCI6MTcwMDAwMDYwMH0."
          "s6JFve1wcfYUgr9kt48P2LHvlSOS9CDOtpERQX2pbRg",
          load_shared(*from_base64url(shared_secret)));
    check("eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9."
          "eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzdWIiOiIwMTg5MGE1ZC1hYzk2LTc3NGItYmNjZS1iMzAyMDk5"
          "YTgwNTciLCJhdWQiOiJhcGkiLCJpYXQiOjE3MDAwMDAwMDAsImV4cCI6MTcwMDAwMDYwMH0."
          "Q6jkEa6NQWDKNfeFuddHluHs1XVuLKVWe8pcLMbUY6G15wcTXR4sCWjQiqhWvYpBM-yvaxkRR3nK2cgeUdQWp-"
          "nceU_7tidzXp6yffqvi3XoVS1lYDw_EEXebYt0F9Icj-QWIlvjs_NDucFO-"
          "trwW8QZNiYfmecdAlzeEgOKPSCzGfPd87rxdaWVqZBnzWEQETttDAzDzHZTuLpaqt2O8hB7AhQPC6BdBbIFqPvvd"
          "PvuFw8V3cfpUSnnzoBh_Kj4zoQcEUPQiiLngjmM9gTMy5hdwc-lUFdJRgIRcjvaUUGIOph9_mNLmGyWbHVNnd-"
          "DdK_jLqFjR0s2RZBsNkEopg",
          load(rsa_key, Algorithm::rs256));
    check("eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9."
          "eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzdWIiOiIwMTg5MGE1ZC1hYzk2LTc3NGItYmNjZS1iMzAyMDk5"
          "YTgwNTciLCJhdWQiOiJhcGkiLCJpYXQiOjE3MDAwMDAwMDAsImV4cCI6MTcwMDAwMDYwMH0.5oxrTI8MijZe-"
          "EBbPPoZpVbnmWw2gsMQhQypfW-utsLAE6BBT-xJPz0x549DaaKWpS7qAE9nKzMfhEz6ZdfyQA",
          load(ec_key, Algorithm::es256));
}

TEST_CASE("tokens have three segments", "[jose]") {
    const std::string header = to_base64url(R"({"alg":"ES256"})");
    const std::string claims = to_base64url("{}");
    CHECK(reason_of(header + "." + claims + ".c2ln") == "accepted");
    CHECK(reason_of(header + "." + claims + ".") == "accepted");
    for (const auto& text : {std::string(), std::string("."), std::string(".."), header,
                             header + "." + claims, header + "." + claims + ".c2ln.",
                             header + "." + claims + ".c2ln.c2ln", "." + header + "." + claims,
                             header + ".." + claims, "." + claims + ".c2ln", header + "..c2ln"}) {
        CAPTURE(text);
        CHECK(reason_of(text) == "malformed");
    }
}

TEST_CASE("encrypted tokens are named as such", "[jose]") {
    // RFC 7516 appendix A.1 in shape.
    CHECK(reason_of("eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.OKOa.48V1.5eym.XFBo") ==
          "encrypted");
    CHECK(reason_of("....") == "encrypted");
    CHECK(reason_of(".....") == "malformed");
}

TEST_CASE("segments are canonical base64url", "[jose]") {
    const std::string claims = to_base64url(R"({"a":"1"})");   // 9 bytes: no padding, no spare bits
    const std::string header = to_base64url(R"({"alg":"x"})"); // 11 bytes: two spare bits
    REQUIRE(reason_of(header + "." + claims + ".c2ln") == "accepted");
    std::string spare = header;
    ++spare.back();
    for (const auto& text :
         {header + "=." + claims + ".c2ln", spare + "." + claims + ".c2ln",
          header + "." + claims + ".c2lnYQ==", header + "." + claims + ".c2lnYR",
          header + "." + claims + ".c2l+", header + "." + claims + ".c2l/",
          header + "." + claims + ".c2lnY", " " + header + "." + claims + ".c2ln",
          header + "." + claims + ".c2ln ", header + "." + claims + ".c2ln\n",
          header + "\n." + claims + ".c2ln",
          header + "." + claims.substr(0, 4) + "\r\n" + claims.substr(4) + ".c2ln",
          header + "." + claims + ".c2ln" + '\0', header + ". " + claims + ".c2ln",
          header + "." + claims +
              ".\xc3\xa9"
              "ab"}) {
        CAPTURE(text);
        CHECK(reason_of(text) == "malformed");
    }
}

TEST_CASE("header and payload are strict JSON objects", "[jose]") {
    const std::string good = R"({"alg":"ES256"})";
    for (const char* bad :
         {"", "null", "[]", "\"a\"", "1", "true", "{", "{}{}", "{} x", "{\"a\":\"\xff\"}",
          "\xef\xbb\xbf{}", "{\"a\":NaN}", "{\"a\":1e999}", "{\"a\":\"\\ud800\"}", "{'a':1}"}) {
        CAPTURE(bad);
        CHECK(reason_of(raw_token(bad, "{}")) == "malformed");
        CHECK(reason_of(raw_token(good, bad)) == "malformed");
    }
    CHECK(reason_of(raw_token(good, std::string_view("{}\0", 3))) == "malformed");
}

TEST_CASE("duplicate members are refused", "[jose]") {
    CHECK(reason_of(raw_token(R"({"alg":"ES256","alg":"none"})", "{}")) == "duplicate_member");
    CHECK(reason_of(raw_token(R"({"alg":"none","al\u0067":"ES256"})", "{}")) == "duplicate_member");
    CHECK(reason_of(raw_token(R"({"alg":"ES256"})", R"({"sub":"a","sub":"b"})")) ==
          "duplicate_member");
    CHECK(reason_of(raw_token(R"({"alg":"ES256"})", R"({"a":{"b":1,"b":2}})")) ==
          "duplicate_member");
}

TEST_CASE("nesting is at most 16 deep", "[jose]") {
    const auto nested = [](std::size_t depth) {
        return R"({"a":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
    };
    CHECK(reason_of(raw_token("{}", nested(16))) == "accepted");
    CHECK(reason_of(raw_token("{}", nested(17))) == "malformed");
    CHECK(reason_of(raw_token(nested(17), "{}")) == "malformed");
    CHECK(reason_of(raw_token("{}", nested(20'000))) == "malformed");
}

TEST_CASE("header and token are limited in length", "[jose]") {
    const auto padded = [](std::size_t size) {
        return R"({"a":")" + std::string(size - 8, 'x') + "\"}";
    };
    REQUIRE(padded(100).size() == 100);
    CHECK(reason_of(raw_token(padded(8 * 1024), "{}")) == "accepted");
    CHECK(reason_of(raw_token(padded(8 * 1024 + 1), "{}")) == "too_long");
    const std::string head = to_base64url("{}") + "." + to_base64url("{}") + ".";
    CHECK(reason_of(head + std::string(64 * 1024 - head.size(), 'A')) == "accepted");
    CHECK(reason_of(head + std::string(64 * 1024 - head.size() + 1, 'A')) == "too_long");
    CHECK(reason_of(std::string(10'000'000, '.')) == "too_long");
}

TEST_CASE("none is unsecured however it is written", "[jose]") {
    for (const char* name : {"none", "None", "NONE", "nOnE"}) {
        const std::string header = std::string(R"({"alg":")") + name + "\"}";
        CAPTURE(header);
        CHECK(header_codes(header) == Codes{"alg:unsecured"});
        const auto token = parsed(raw_token(header, "{}", ""));
        CHECK(codes(check_header(token.header)) == Codes{"alg:unsecured"});
        CHECK(signature_code(token, load_shared(std::string(32, 'a'))) == "wrong_algorithm");
    }
    CHECK(header_codes(R"({"alg":"n\u006fne"})") == Codes{"alg:unsecured"});
}

TEST_CASE("the algorithm must be named and known", "[jose]") {
    CHECK(header_codes("{}") == Codes{"alg:missing_algorithm"});
    for (const char* value : {"null", "1", "true", "[\"ES256\"]", "{}"})
        CHECK(header_codes(std::string(R"({"alg":)") + value + "}") == Codes{"alg:bad_header"});
    for (const char* name : {"", "es256", "ES256 ", "ES384 ", "hs512", "ES256K", "RSA1_5", "none ",
                             "ed25519", "Ed448"})
        CHECK(header_codes(std::string(R"({"alg":")") + name + "\"}") ==
              Codes{"alg:unknown_algorithm"});
    for (const char* name : {"HS256", "ES256", "RS256", "PS256", "EdDSA", "Ed25519"})
        CHECK(header_codes(std::string(R"({"alg":")") + name + "\"}").empty());
}

TEST_CASE("keys in or behind the header are told, whatever they look like", "[jose]") {
    const Json header{{"alg", "ES256"}, {"x5c", Json::array()},
                      {"x5u", 1},       {"jku", "https://evil.example"},
                      {"jwk", nullptr}, {"x5t", "AAAA"}};
    CHECK(keys_in_header(header) == Codes{"jwk", "jku", "x5u", "x5c"});
    CHECK(keys_in_header({{"alg", "ES256"}, {"JKU", ""}, {"x5t#S256", ""}}).empty());
    CHECK(check_header(header).empty());
}

TEST_CASE("critical extensions are not understood", "[jose]") {
    for (const char* value :
         {R"(["b64"])", R"(["exp"])", R"(["x","y"])", "[]", "null", "\"b64\"", "[1]", "{}"})
        CHECK(header_codes(std::string(R"({"alg":"ES256","crit":)") + value + "}") ==
              Codes{"crit:critical_header"});
    CHECK(header_codes(R"({"alg":"ES256","b64":false})") == Codes{"b64:critical_header"});
    CHECK(header_codes(R"({"alg":"ES256","b64":"true"})") == Codes{"b64:critical_header"});
    CHECK(header_codes(R"({"alg":"ES256","b64":false,"crit":["b64"]})") ==
          Codes{"crit:critical_header", "b64:critical_header"});
    CHECK(header_codes(R"({"alg":"ES256","b64":true})").empty());
}

TEST_CASE("header members have their types, and all problems are told", "[jose]") {
    for (const char* name : {"typ", "cty", "kid"})
        for (const char* value : {"1", "null", "[]", "{}", "true"})
            CHECK(header_codes(std::string(R"({"alg":"ES256",")") + name + "\":" + value + "}") ==
                  Codes{std::string(name) + ":bad_header"});
    CHECK(header_codes(R"({"kid":1,"crit":["a"],"jku":"b"})") ==
          Codes{"alg:missing_algorithm", "kid:bad_header", "crit:critical_header"});
}

TEST_CASE("the public key is no HMAC secret", "[jose]") {
    const std::string payload = to_base64url(R"({"sub":"admin","exp":9999999999})");
    const std::string input = to_base64url(R"({"alg":"HS256","typ":"JWT"})") + "." + payload;
    const std::string modulus = *from_base64url(rsa_key.at("n").get<std::string>());
    const std::string x = *from_base64url(ec_key.at("x").get<std::string>());
    for (const std::string& secret :
         {modulus, x, rsa_key.dump(), ec_key.dump(), rsa_key.at("n").get<std::string>()}) {
        const auto attacker = SigningKey::from_shared_secret(Secret(secret));
        REQUIRE(attacker);
        const auto token = parsed(input + "." + to_base64url(attacker->sign(input)));
        REQUIRE(signature_code(token, load_shared(secret)).empty());
        CHECK(signature_code(token, load(rsa_key, Algorithm::rs256)) == "wrong_algorithm");
        CHECK(signature_code(token, load(rsa_key, Algorithm::ps256)) == "wrong_algorithm");
        CHECK(signature_code(token, load(ec_key, Algorithm::es256)) == "wrong_algorithm");
        CHECK(signature_code(token, load(ed_key, Algorithm::eddsa)) == "wrong_algorithm");
    }
}

TEST_CASE("signatures cover header and payload, whole", "[jose]") {
    const std::string good = "eyJhbGciOiJFUzI1NiJ9."
                             "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlL"
                             "mNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-"
                             "F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    const auto key = load(ec_key, Algorithm::es256);
    const auto with_signature = [&](std::string_view bytes) {
        return parsed(good.substr(0, good.rfind('.') + 1) + to_base64url(bytes));
    };
    const std::string signature = parsed(good).signature;
    CHECK(signature_code(with_signature(signature), key).empty());
    for (const auto& forged : {std::string(), std::string(64, '\0'), signature.substr(0, 63),
                               signature.substr(0, 32), signature + '\0', signature + signature})
        CHECK(signature_code(with_signature(forged), key) == "bad_signature");
    CHECK(signature_code(
              parsed(raw_token(R"({"alg":"ES256"})", R"({"iss":"joe"})", to_base64url(signature))),
              key) == "bad_signature");
    CHECK(signature_code(parsed(raw_token(R"({ "alg":"ES256"})", "{}", to_base64url(signature))),
                         key) == "bad_signature");
    CHECK(signature_code(parsed(raw_token(R"({"alg":7})", "{}")), key) == "wrong_algorithm");
    CHECK(signature_code(parsed(raw_token("{}", "{}")), key) == "wrong_algorithm");
}

TEST_CASE("exp is required and strict", "[jose]") {
    CHECK(claim_codes("{}") == Codes{"exp:missing_claim"});
    CHECK(claim_codes(R"({"exp":1700000001})").empty());
    CHECK(claim_codes(R"({"exp":1700000000})") == Codes{"exp:expired"});
    CHECK(claim_codes(R"({"exp":1700000000.5})").empty());
    CHECK(claim_codes(R"({"exp":1699999999.9})") == Codes{"exp:expired"});
    for (const char* value : {"true", "false", "null", "\"1700000001\"", "[1700000001]", "{}"})
        CHECK(claim_codes(std::string(R"({"exp":)") + value + "}") == Codes{"exp:bad_claim"});
    for (const char* name : {"nbf", "iat"})
        for (const char* value : {"true", "null", "\"1\"", "[1]", "{}"})
            CHECK(claim_codes(std::string(R"({"exp":1700000001,")") + name + "\":" + value + "}") ==
                  Codes{std::string(name) + ":bad_claim"});
}

TEST_CASE("huge times do not overflow", "[jose]") {
    for (const char* value :
         {"9223372036854775807", "18446744073709551615", "18446744073709551616", "1e308"}) {
        CAPTURE(value);
        CHECK(claim_codes(std::string(R"({"exp":)") + value + "}").empty());
        const std::string payload =
            std::string(R"({"exp":1700000001,"nbf":)") + value + ",\"iat\":" + value + "}";
        const auto problems = claim_problems(payload, rules_at(noon));
        REQUIRE(codes(problems) == Codes{"nbf:not_yet_valid", "iat:issued_in_future"});
        CHECK(problems[0].detail == "valid in more than 100 years");
    }
    for (const char* value : {"-1", "-9223372036854775808", "-1e308", "0", "-0", "1e-300"}) {
        CAPTURE(value);
        CHECK(claim_codes(std::string(R"({"exp":)") + value + "}") == Codes{"exp:expired"});
        CHECK(claim_codes(std::string(R"({"exp":1700000001,"nbf":)") + value + ",\"iat\":" + value +
                          "}")
                  .empty());
    }
    Token token;
    token.claims = Json{{"exp", std::numeric_limits<double>::infinity()}};
    CHECK(codes(check_claims(token.header, token.claims, rules_at(noon))) ==
          Codes{"exp:bad_claim"});
}

TEST_CASE("nbf and iat may not lie ahead", "[jose]") {
    CHECK(claim_codes(R"({"exp":1700000009,"nbf":1700000000})").empty());
    CHECK(claim_codes(R"({"exp":1700000009,"nbf":1700000001})") == Codes{"nbf:not_yet_valid"});
    CHECK(claim_codes(R"({"exp":1700000009,"iat":1700000060})").empty());
    CHECK(claim_codes(R"({"exp":1700000009,"iat":1700000061})") == Codes{"iat:issued_in_future"});
}

TEST_CASE("leeway is at most 60 seconds, and never negative", "[jose]") {
    auto rules = rules_at(noon);
    rules.leeway = Seconds{30};
    CHECK(claim_codes(R"({"exp":1699999971,"nbf":1700000030})", rules).empty());
    CHECK(claim_codes(R"({"exp":1699999970,"nbf":1700000031})", rules) ==
          Codes{"exp:expired", "nbf:not_yet_valid"});
    rules.leeway = Seconds{86'400};
    CHECK(claim_codes(R"({"exp":1699999941})", rules).empty());
    CHECK(claim_codes(R"({"exp":1699999940})", rules) == Codes{"exp:expired"});
    rules.leeway = Seconds{-86'400};
    CHECK(claim_codes(R"({"exp":1700000001})", rules).empty());
}

TEST_CASE("details say how far", "[jose]") {
    const auto detail = [](std::string_view payload) {
        const auto problems = claim_problems(payload, rules_at(noon));
        REQUIRE(problems.size() == 1);
        return problems[0].detail;
    };
    CHECK(detail(R"({"exp":1699999808})") == "expired 3m12s ago");
    CHECK(detail(R"({"exp":1699999999})") == "expired 1s ago");
    CHECK(detail(R"({"exp":1700000000})") == "expired now");
    CHECK(detail(R"({"exp":1699999940})") == "expired 1m ago");
    CHECK(detail(R"({"exp":1699996399})") == "expired 1h ago");
    CHECK(detail(R"({"exp":1699816400})") == "expired 2d3h ago");
    CHECK(detail(R"({"exp":1700000009,"nbf":1700003723})") == "valid in 1h2m");
    CHECK(detail(R"({"exp":1700000009,"iat":1700000090})") == "issued 1m30s in the future");
}

TEST_CASE("issuer and subject are compared exactly", "[jose]") {
    auto rules = rules_at(noon);
    rules.issuer = "https://id.example";
    rules.subject = "7";
    CHECK(claim_codes(R"({"exp":1700000009,"iss":"https://id.example","sub":"7"})", rules).empty());
    CHECK(claim_codes(R"({"exp":1700000009,"iss":"https://id.example/","sub":"07"})", rules) ==
          Codes{"iss:wrong_issuer", "sub:wrong_subject"});
    CHECK(claim_codes(R"({"exp":1700000009,"iss":"HTTPS://id.example","sub":""})", rules) ==
          Codes{"iss:wrong_issuer", "sub:wrong_subject"});
    CHECK(claim_codes(R"({"exp":1700000009})", rules) ==
          Codes{"iss:missing_claim", "sub:missing_claim"});
    CHECK(claim_codes(R"({"exp":1700000009,"iss":["https://id.example"],"sub":7})", rules) ==
          Codes{"iss:bad_claim", "sub:bad_claim"});
    CHECK(claim_codes(R"({"exp":1700000009,"iss":1,"sub":null,"jti":2})") ==
          Codes{"iss:bad_claim", "sub:bad_claim", "jti:bad_claim"});
}

TEST_CASE("the audience must be among the token's", "[jose]") {
    auto rules = rules_at(noon);
    rules.audience = "api";
    const auto with_audience = [&](const std::string& value) {
        return claim_codes(R"({"exp":1700000009,"aud":)" + value + "}", rules);
    };
    CHECK(with_audience(R"("api")").empty());
    CHECK(with_audience(R"(["web","api"])").empty());
    for (const char* value :
         {R"("web")", R"("API")", R"("api ")", R"("")", "[]", R"(["web"])", R"(["apis","ap"])"})
        CHECK(with_audience(value) == Codes{"aud:wrong_audience"});
    for (const char* value : {"1", "null", "{}", R"(["api",1])", R"([["api"]])", R"({"api":1})"})
        CHECK(with_audience(value) == Codes{"aud:bad_claim"});
    CHECK(claim_codes(R"({"exp":1700000009})", rules) == Codes{"aud:missing_claim"});
    CHECK(claim_codes(R"({"exp":1700000009,"aud":"web"})").empty());
    CHECK(claim_codes(R"({"exp":1700000009,"aud":1})") == Codes{"aud:bad_claim"});
}

TEST_CASE("one type of token is not accepted as another", "[jose]") {
    auto rules = rules_at(noon);
    rules.type = "at+jwt";
    const auto with_type = [&](std::string_view member) {
        return codes(
            claim_problems(R"({"exp":1700000009})", rules, "{" + std::string(member) + "}"));
    };
    CHECK(with_type(R"("typ":"at+jwt")").empty());
    CHECK(with_type(R"("typ":"AT+JWT")").empty());
    CHECK(with_type(R"("typ":"application/at+jwt")").empty());
    CHECK(with_type(R"("typ":"Application/AT+jwt")").empty());
    for (const char* member : {R"("typ":"JWT")", R"("typ":"")", R"("typ":"id+jwt")",
                               R"("typ":"text/at+jwt")", R"("typ":"at+jwt ")", R"("typ":1)", ""})
        CHECK(with_type(member) == Codes{"typ:wrong_type"});
}

TEST_CASE("no failure hides another", "[jose]") {
    auto rules = rules_at(noon);
    rules.type = "at+jwt";
    rules.issuer = "a";
    rules.audience = "b";
    rules.subject = "c";
    const auto problems = claim_problems(
        R"({"exp":1,"nbf":1800000000,"iat":1800000000,"iss":"x","aud":"y","sub":"z"})", rules);
    CHECK(codes(problems) == Codes{"typ:wrong_type", "exp:expired", "nbf:not_yet_valid",
                                   "iat:issued_in_future", "iss:wrong_issuer", "aud:wrong_audience",
                                   "sub:wrong_subject"});
    CHECK(token_status(problems) == "invalid");
}

TEST_CASE("details hold no control characters from the token", "[jose]") {
    auto rules = rules_at(noon);
    rules.issuer = "a";
    const auto problems = claim_problems(R"({"exp":1700000009,"iss":"\u001b[31m\nok"})", rules);
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].detail.find('\x1b') == std::string::npos);
    CHECK(problems[0].detail.find('\n') == std::string::npos);
}

TEST_CASE("the status sums the problems up", "[jose]") {
    const auto status = [](std::initializer_list<const char*> names) {
        std::vector<Problem> problems;
        for (const char* name : names)
            problems.push_back({name, "", ""});
        return token_status(problems);
    };
    CHECK(status({}) == "valid");
    CHECK(status({"expired"}) == "expired");
    CHECK(status({"not_yet_valid"}) == "not_yet_valid");
    CHECK(status({"not_yet_valid", "issued_in_future"}) == "not_yet_valid");
    CHECK(status({"issued_in_future"}) == "invalid");
    CHECK(status({"expired", "not_yet_valid"}) == "invalid");
    CHECK(status({"expired", "bad_signature"}) == "invalid");
    CHECK(status({"unsecured"}) == "invalid");
}

TEST_CASE("signed tokens verify", "[jose]") {
    const Json claims{{"iss", "https://id.example"}, {"sub", "ü"}, {"exp", noon + 600}};
    for (const auto algorithm : {Algorithm::es256, Algorithm::eddsa}) {
        CAPTURE(to_name(algorithm));
        const auto key = SigningKey::generate(algorithm);
        const auto verifier = VerificationKey::from_jwk(key.public_jwk());
        REQUIRE(verifier);
        const auto token = parsed(sign_token(key, "at+jwt", claims));
        CHECK(token.header ==
              Json{{"alg", to_name(algorithm)}, {"typ", "at+jwt"}, {"kid", key.kid()}});
        CHECK(token.claims == claims);
        CHECK(check_header(token.header).empty());
        CHECK(signature_code(token, *verifier).empty());
        CHECK(check_claims(token.header, token.claims, rules_at(noon)).empty());
    }
    const auto shared = SigningKey::from_shared_secret(Secret(std::string(32, 'a')));
    REQUIRE(shared);
    const auto token = parsed(sign_token(*shared, "", claims));
    CHECK(token.header.dump() == R"({"alg":"HS256"})");
    CHECK(signature_code(token, load_shared(std::string(32, 'a'))).empty());
    CHECK(signature_code(token, load_shared(std::string(32, 'b'))) == "bad_signature");
}
