#include "core/base/encoding.h"
#include "core/jose/jwk.h"
#include "support/catch.h"

#include <nlohmann/json.hpp>
#include <openssl/err.h>

#include <string>

using namespace auth;

namespace {

// RFC 7515 appendix A.2.
const Json rsa_private{
    {"kty", "RSA"},
    {"alg", "RS256"},
    {"n", "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-"
          "4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_"
          "7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-"
          "UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-"
          "DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"},
    {"e", "AQAB"},
    {"d", "Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-"
          "7YwVol2NXOoAJe46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-"
          "GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_"
          "0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_"
          "jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ"},
    {"p", "4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_"
          "Py5PJdTJNPY8cQn7ouZ2KKDcmnPGBY5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc"},
    {"q", "uQPEfgmVtjL0Uyyx88GZFF1fOunH3-"
          "7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQeZD_YwD66t62wDmpe_HlB-TnBA-"
          "njbglfIsRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdc"},
    {"dp",
     "BwKfV3Akq5_MFZDFZCnW-wzl-CCo83WoZvnLQwCTeDv8uzluRSnm71I3QCLdhrqE2e9YkxvuxdBfpT_PI7Yz-"
     "FOKnu1R6HsJeDCjn12Sk3vmAktV2zb34MCdy7cpdTh_YVr7tss2u6vneTwrA86rZtu5Mbr1C1XsmvkxHQAdYo0"},
    {"dq", "h_96-mK1R_"
           "7glhsum81dZxjTnYynPbZpHziZjeeHcXYsXaaMwkOlODsWa7I9xXDoRwbKgB719rrmI2oKr6N3Do9U0ajaHF-"
           "NKJnwgjMd2w9cjz3_-kyNlxAr2v4IKhGNpmM5iIgOS1VZnOZ68m6_pbLBSp3nssTdlqvd0tIiTHU"},
    {"qi", "IYd7DHOhrWvxkwPQsRM2tOgrjbcrfvtQJipd-DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd_"
           "QJQ3ydy5cY7YIBi87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp_gh6A5603k2-"
           "ZQwVK0JKSHuLFkuQ3U"}};

// RFC 7515 appendix A.3.
const Json ec_private{{"kty", "EC"},
                      {"crv", "P-256"},
                      {"x", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"},
                      {"y", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},
                      {"d", "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}};

// RFC 8037 appendix A.1.
const Json ed_private{{"kty", "OKP"},
                      {"crv", "Ed25519"},
                      {"d", "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"},
                      {"x", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}};

// RFC 7520 section 3.5.
const Json shared{{"kty", "oct"},
                  {"kid", "018c0ae5-4d9b-471b-bfd6-eef314bc7037"},
                  {"use", "sig"},
                  {"alg", "HS256"},
                  {"k", "hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg"}};

// The text that RFC 7520 section 4 signs.
const std::string payload =
    "SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250by"
    "B0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUg"
    "eW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4";

Json without(Json jwk, std::initializer_list<const char*> names) {
    for (const char* name : names)
        jwk.erase(name);
    return jwk;
}

Json with(Json jwk, const char* name, Json value) {
    jwk[name] = std::move(value);
    return jwk;
}

Json public_rsa() {
    return without(rsa_private, {"d", "p", "q", "dp", "dq", "qi"});
}
Json public_ec() {
    return without(ec_private, {"d"});
}
Json public_ed() {
    return without(ed_private, {"d"});
}

VerificationKey load(const Json& jwk, std::optional<Algorithm> algorithm = {}) {
    auto key = VerificationKey::from_jwk(jwk, algorithm);
    REQUIRE(key);
    return *std::move(key);
}

std::string refusal(const Json& jwk, std::optional<Algorithm> algorithm = {}) {
    const auto key = VerificationKey::from_jwk(jwk, algorithm);
    if (key)
        return "accepted";
    CHECK(key.error().code == ErrorCode::invalid_token);
    return key.error().reason;
}

std::string private_refusal(const Json& jwk) {
    const auto key = SigningKey::from_private_jwk(Secret(jwk.dump()));
    return key ? "accepted" : key.error().reason;
}

std::string decoded(std::string_view text) {
    auto bytes = from_base64url(text);
    REQUIRE(bytes);
    return *bytes;
}

std::string flipped(std::string bytes, std::size_t at) {
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    return bytes;
}

} // namespace

TEST_CASE("algorithms have exact names", "[jwk]") {
    for (const auto& row : all_algorithms()) {
        CHECK(parse_algorithm(row.name) == row.algorithm);
        CHECK(to_name(row.algorithm) == row.name);
    }
    for (const char* name :
         {"", "none", "es256", "ES384 ", "ES256K", "HS1", "EdDsa", "RS1", "ed25519", "Ed448"})
        CHECK_FALSE(parse_algorithm(name));
    CHECK(parse_algorithm("Ed25519") == Algorithm::eddsa); // RFC 9864
}

TEST_CASE("RFC 7520 section 4.1: RS256", "[jwk]") {
    const auto key = load(
        {{"kty", "RSA"},
         {"kid", "bilbo.baggins@hobbiton.example"},
         {"use", "sig"},
         {"n", "n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-"
               "XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-"
               "QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-"
               "OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_"
               "3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw"},
         {"e", "AQAB"}},
        Algorithm::rs256);
    CHECK(key.kid() == "bilbo.baggins@hobbiton.example");
    const std::string input =
        "eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9." + payload;
    const std::string signature =
        decoded("MRjdkly7_-"
                "oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xugl"
                "II7PNDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_"
                "qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_"
                "de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_"
                "fcIe8u9ipH84ogoree7vjbU5y18kDquDg");
    CHECK(key.verify(input, signature));
    CHECK_FALSE(key.verify(input + "A", signature));
    CHECK_FALSE(key.verify(input, flipped(signature, 100)));
    CHECK_FALSE(key.verify(input, signature.substr(1)));
    CHECK_FALSE(key.verify(input, signature + '\0'));
    CHECK_FALSE(key.verify(input, '\0' + signature));
    CHECK_FALSE(key.verify(input, ""));
}

TEST_CASE("RFC 7520 section 4.4: HS256", "[jwk]") {
    const auto key = load(shared);
    CHECK(key.algorithm() == Algorithm::hs256);
    const std::string input =
        "eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9." +
        payload;
    const std::string signature = decoded("s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0");
    CHECK(key.verify(input, signature));
    CHECK_FALSE(key.verify(input, signature.substr(0, 31)));
    CHECK_FALSE(key.verify(input, signature + '\0'));
    CHECK_FALSE(key.verify(input, ""));
    CHECK_FALSE(key.verify(input, flipped(signature, 31)));
}

TEST_CASE("RFC 7515 appendix A.4: ES512 keys are not taken for ES256", "[jwk]") {
    const Json p521{{"kty", "EC"},
                    {"crv", "P-521"},
                    {"x", "AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_"
                          "NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk"},
                    {"y", "ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-"
                          "x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2"}};
    CHECK(load(p521).algorithm() == Algorithm::es512);
    CHECK(refusal(p521, Algorithm::es256) == "wrong_algorithm");
    CHECK(refusal(with(p521, "crv", "P-256")) == "malformed_key");
    CHECK(refusal(with(p521, "alg", "ES256")) == "malformed_key");
}

TEST_CASE("RFC 8037 appendix A.4 and A.5: EdDSA", "[jwk]") {
    const std::string input = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    const std::string signature = decoded(
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
    const auto signer = SigningKey::from_private_jwk(Secret(ed_private.dump()));
    REQUIRE(signer);
    CHECK(to_base64url(signer->sign(input)) ==
          "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
    CHECK(signer->kid() == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");

    const auto key = load(public_ed());
    CHECK(key.algorithm() == Algorithm::eddsa);
    CHECK(key.verify(input, signature));
    CHECK_FALSE(key.verify(input, signature.substr(0, 63)));
    CHECK_FALSE(key.verify(input, signature + '\0'));
    CHECK_FALSE(key.verify(input, ""));
    // The same signature with the group order added to S.
    CHECK_FALSE(key.verify(input, decoded("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6KLa6_"
                                          "pyZkOh9Vg8wkiO1VhVsPt9g7sVvpAr_MuM0KEg")));
}

TEST_CASE("RFC 7515 appendix A.2: RS256 signatures are deterministic", "[jwk]") {
    const auto key = SigningKey::from_private_jwk(Secret(rsa_private.dump()));
    REQUIRE(key);
    CHECK(
        to_base64url(key->sign("eyJhbGciOiJSUzI1NiJ9."
                               "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGx"
                               "lLmNvbS9pc19yb290Ijp0cnVlfQ")) ==
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
        "O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_"
        "nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-"
        "eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp"
        "0igcN_IoypGlUPQGe77Rw");
}

TEST_CASE("RFC 7638 section 3.1 and RFC 8037 appendix A.3: thumbprints", "[jwk]") {
    const Json rsa{
        {"kty", "RSA"},
        {"n",
         "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_"
         "BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_"
         "FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-"
         "bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"},
        {"e", "AQAB"},
        {"alg", "RS256"},
        {"kid", "2011-04-29"}};
    CHECK(jwk_thumbprint(rsa) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    CHECK(jwk_thumbprint(ed_private) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    CHECK(jwk_thumbprint(ec_private) == jwk_thumbprint(public_ec()));
    CHECK(jwk_thumbprint(shared).empty());
    CHECK(jwk_thumbprint(without(rsa, {"e"})).empty());
    CHECK(jwk_thumbprint(with(rsa, "e", 65537)).empty());
    CHECK(jwk_thumbprint(Json::array()).empty());
    CHECK(jwk_thumbprint(Json()).empty());
}

TEST_CASE("PS256 takes salts of the digest's length only", "[jwk]") {
    // Signatures of "message" by Python's cryptography.
    const auto key = load(without(public_rsa(), {"alg"}), Algorithm::ps256);
    CHECK(key.verify(
        "message",
        decoded("K3z7bdum-YQqojTNu8nWf0EiyzCwdn4Fra6ktjD1JHmfC1YNpiN3VEg5Y6h_V7php7u5Yv0N_"
                "6ZCe7WE5vmCSIe15_dpUYED3M2w3eOCuz0VRiIg4wuRM_egvXduq9rPOZ1TCUwyuPFEtE2U0x8tIRqI6C_"
                "HCyZRml39jfbmDJ4CkTtbfcoWWiOVx-1WotXbwL8l5uMRVxAvtglCC12jPh7__LE8H1MW4TG402k-"
                "CsJv75a3clT6PBW0ySez6asrAS5TMPQl7wpZbvEuyD3HmnmTwMboSw3jU0PkC92RId9nORp9pVhI7Xtzs5"
                "nH86IVSBi5faHNZb71IyRzbyp8XA")));
    CHECK_FALSE(key.verify(
        "message",
        decoded("YE3wUTBqQN1nyZuy2GPIK7UCdl4s98drRq3qzl4C_MHuN_PITQpdE4-"
                "sOcVJ3fWeMIIUV1AX9Z62ImssiCaWCkUrQiYUyfpE_XRrYe5dGBt3YgNK0pa4xz-"
                "iTiJ8LFbPdwLRjP1LN01OsaO7CfkmBsg8UrcXA0UaRnQnLBuPE6Q4dfubxoxOZ0iogLePOR6wwmoWfr1oP"
                "uo_moRDec76g42d_nRKlH9oy3KRfQ0xqLpg7Di90UCgEbKPKHkkOZ79dbsP75_DDlEeM7Ue_v5OHyL_"
                "mMaFrUU2llaYOAusQomacSEOF9pHfdqoUIarczO1iJlkV-hACY_M0UFU1kx76w")));
    CHECK_FALSE(key.verify(
        "message",
        decoded("MdEu5JvV93qMIUxR0soe7g7VgoXXluK3f4nTTenUnyb7rVyzhuENKCUTniATcTmlnMZbTWesXUmtPEAsZt"
                "cGycayYfLTkGQeOBgzXZYYV1Ljs23oJxhwSDgYrMHMeIsCYzfRCr4JHks-35WKYSOrpszQFx4nFw7gga-"
                "5YXWskyBp37Nq4hW0-yIFBq_eBsx06cdFaQUwYj6FFCZSWhQiFV-"
                "YUBDAq6aMHLf5IhBy9WOJQfBWYnrQwgTUHt8Jptm7zRaeZgkkSFnSNXWe9bZvwrPLKWWXw5XCd0PCYxoNg"
                "I9RkA6_whoUOXTO6XyS8MKT0f4tN6Vyuaz8N0y03Xvhzg")));
    // The mask made with SHA-1.
    CHECK_FALSE(key.verify(
        "message",
        decoded("CWSGuthSvL2L4Mktpeu09kZ2FQANCq7upsMPyZ6RHgNdKdtm-2CIzWcnnOs9MWEmxp5i8TuAlfT-"
                "1aCY9CdEANff1N8LagZlPt01-lnd0OvDErwCcO4nnRaZnAhRWvVzHmiffgVIfyJ4VeWzDkYxCkjJC_"
                "u2CtaAeGQnwDx51I-YzXuah-Tqz8KTs9mSiIWKnlZHBU4jvRHPhAmjFyk-"
                "QLVz7dYdnCLrY6ztUyyxzVnR7u5GKA6ntJP7qrhDf06pitvK27U200s4ROxMovsAZFCfpfACoRHerH3LH-"
                "pNZhol_KR0O_45U3hjjn1kqFCGCmq0OOprj43WVBv4169O-g")));
    CHECK_FALSE(
        load(public_rsa())
            .verify("message",
                    decoded("K3z7bdum-YQqojTNu8nWf0EiyzCwdn4Fra6ktjD1JHmfC1YNpiN3VEg5Y6h_"
                            "V7php7u5Yv0N_6ZCe7WE5vmCSIe15_dpUYED3M2w3eOCuz0VRiIg4wuRM_"
                            "egvXduq9rPOZ1TCUwyuPFEtE2U0x8tIRqI6C_HCyZRml39jfbmDJ4CkTtbfcoWWiOVx-"
                            "1WotXbwL8l5uMRVxAvtglCC12jPh7__LE8H1MW4TG402k-"
                            "CsJv75a3clT6PBW0ySez6asrAS5TMPQl7wpZbvEuyD3HmnmTwMboSw3jU0PkC92RId9nOR"
                            "p9pVhI7Xtzs5nH86IVSBi5faHNZb71IyRzbyp8XA")));
}

TEST_CASE("ES256 signatures are two numbers in range", "[jwk]") {
    const auto key = load(public_ec());
    const std::string input = "eyJhbGciOiJFUzI1NiJ9."
                              "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxl"
                              "LmNvbS9pc19yb290Ijp0cnVlfQ";
    const std::string signature = decoded(
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
    const std::string r = signature.substr(0, 32);
    const std::string s = signature.substr(32);
    const std::string zero(32, '\0');
    const std::string one = flipped(zero, 31);
    const std::string order =
        *from_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    REQUIRE(key.verify(input, signature));
    for (const auto& forged :
         {std::string(), zero + zero, r + zero, zero + s, r + order, order + s, order + order,
          zero + one, one + zero, std::string(64, '\xff'), r, r + s.substr(1), s + r,
          signature + '\0', '\0' + signature, std::string(1, '\0') + r + std::string(1, '\0') + s,
          flipped(signature, 0), flipped(signature, 63)}) {
        CAPTURE(to_hex(forged));
        CHECK_FALSE(key.verify(input, forged));
    }
}

TEST_CASE("ES256 signatures in DER are refused", "[jwk]") {
    const auto key = load(public_ec());
    const std::string raw = decoded(
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
    // r < 2^255 < s.
    const std::string der =
        "\x30\x45\x02\x20" + raw.substr(0, 32) + "\x02\x21" + '\0' + raw.substr(32);
    CHECK_FALSE(key.verify("eyJhbGciOiJFUzI1NiJ9."
                           "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmN"
                           "vbS9pc19yb290Ijp0cnVlfQ",
                           der));
}

TEST_CASE("keys are bound to one algorithm", "[jwk]") {
    CHECK(load(public_ec()).algorithm() == Algorithm::es256);
    CHECK(load(public_ed()).algorithm() == Algorithm::eddsa);
    CHECK(load(public_rsa()).algorithm() == Algorithm::rs256);
    CHECK(load(without(public_rsa(), {"alg"}), Algorithm::ps256).algorithm() == Algorithm::ps256);

    CHECK(refusal(without(public_rsa(), {"alg"})) == "malformed_key");
    CHECK(refusal(public_rsa(), Algorithm::ps256) == "wrong_algorithm");
    CHECK(refusal(public_rsa(), Algorithm::hs256) == "wrong_algorithm");
    CHECK(refusal(public_ec(), Algorithm::hs256) == "wrong_algorithm");
    CHECK(refusal(public_ec(), Algorithm::eddsa) == "wrong_algorithm");
    CHECK(refusal(public_ed(), Algorithm::es256) == "wrong_algorithm");
    CHECK(refusal(without(shared, {"alg"})) == "malformed_key");
    CHECK(refusal(shared, Algorithm::es256) == "wrong_algorithm");
    CHECK(refusal(with(public_ec(), "alg", "HS256")) == "malformed_key");
    CHECK(refusal(with(public_ec(), "alg", "none")) == "unsupported_key");
    CHECK(refusal(with(public_ec(), "alg", 256)) == "malformed_key");
    CHECK(refusal(with(public_rsa(), "alg", "RSA-OAEP")) == "unsupported_key");
}

TEST_CASE("keys for other uses are refused", "[jwk]") {
    CHECK(refusal(with(public_ec(), "use", "sig")) == "accepted");
    CHECK(refusal(with(public_ec(), "use", "enc")) == "unsupported_key");
    CHECK(refusal(with(public_ec(), "use", 1)) == "malformed_key");
    CHECK(refusal(with(public_ec(), "key_ops", {"verify"})) == "accepted");
    CHECK(refusal(with(public_ec(), "key_ops", {"sign", "verify"})) == "accepted");
    CHECK(refusal(with(public_ec(), "key_ops", {"sign"})) == "unsupported_key");
    CHECK(refusal(with(public_ec(), "key_ops", {"deriveKey"})) == "unsupported_key");
    CHECK(refusal(with(public_ec(), "key_ops", Json::array())) == "unsupported_key");
    CHECK(refusal(with(public_ec(), "key_ops", "verify")) == "malformed_key");
    CHECK(private_refusal(with(ec_private, "key_ops", {"verify"})) == "unsupported_key");
    CHECK(private_refusal(with(ec_private, "key_ops", {"sign"})) == "accepted");
    CHECK(private_refusal(with(ec_private, "use", "enc")) == "unsupported_key");
}

TEST_CASE("a private key is not taken for its public half", "[jwk]") {
    CHECK(refusal(ec_private) == "malformed_key");
    CHECK(refusal(rsa_private) == "malformed_key");
    CHECK(refusal(ed_private) == "malformed_key");
}

TEST_CASE("kid is a string or absent", "[jwk]") {
    CHECK(load(public_ec()).kid().empty());
    CHECK(load(with(public_ec(), "kid", "a")).kid() == "a");
    CHECK(refusal(with(public_ec(), "kid", 1)) == "malformed_key");
    CHECK(refusal(with(public_ec(), "kid", nullptr)) == "malformed_key");
}

TEST_CASE("members are canonical and complete", "[jwk]") {
    for (const Json& jwk : {Json(), Json("EC"), Json::array(), Json::object(), Json{{"kty", 1}}})
        CHECK(refusal(jwk) == "malformed_key");
    CHECK(refusal({{"kty", "DH"}}) == "unsupported_key");
    CHECK(refusal({{"kty", "ec"}}) == "unsupported_key");
    for (const char* name : {"kty", "crv", "x", "y"})
        CHECK(refusal(without(public_ec(), {name})) == "malformed_key");
    for (const char* name : {"kty", "n", "e"})
        CHECK(refusal(without(public_rsa(), {name})) == "malformed_key");

    const std::string x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    for (const std::string& bad :
         {std::string(), x + "=", x.substr(1), x + "A", "A" + x, " " + x, x + "\n",
          x.substr(0, 42) + "V", "A" + x.substr(1, 41) + "+", to_base64url('\0' + decoded(x))}) {
        CAPTURE(bad);
        CHECK(refusal(with(public_ec(), "x", bad)) == "malformed_key");
    }
    CHECK(refusal(with(public_ec(), "x", 7)) == "malformed_key");
    CHECK(refusal(with(public_ec(), "crv", "P-384")) == "malformed_key");
    CHECK(refusal(with(public_ec(), "crv", "secp256k1")) == "unsupported_key");
}

TEST_CASE("points off the curve are refused", "[jwk]") {
    const std::string zero = to_base64url(std::string(32, '\0'));
    const std::string prime =
        to_base64url(*from_hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"));
    CHECK(refusal(with(public_ec(), "y", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU")) ==
          "malformed_key");
    CHECK(refusal(with(public_ec(), "x", zero)) == "malformed_key");
    CHECK(refusal(with(with(public_ec(), "x", zero), "y", zero)) == "malformed_key");
    CHECK(refusal(with(public_ec(), "x", prime)) == "malformed_key");
    CHECK(refusal(with(public_ec(), "y", prime)) == "malformed_key");
    CHECK(refusal(with(public_ec(), "x", to_base64url(std::string(32, '\xff')))) ==
          "malformed_key");
}

TEST_CASE("small and non-canonical Ed25519 points are refused", "[jwk]") {
    for (const char* point : {"0100000000000000000000000000000000000000000000000000000000000000",
                              "0000000000000000000000000000000000000000000000000000000000000000",
                              "0000000000000000000000000000000000000000000000000000000000000080",
                              "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                              "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                              "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                              "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"})
        CHECK(refusal(with(public_ed(), "x", to_base64url(*from_hex(point)))) == "malformed_key");
    CHECK(refusal(with(public_ed(), "crv", "X25519")) == "unsupported_key");
    CHECK(refusal(with(public_ed(), "x", "11qY")) == "malformed_key");
}

TEST_CASE("weak RSA keys are refused", "[jwk]") {
    // A key of 1024 bits by Python's cryptography.
    CHECK(
        refusal(with(
            public_rsa(), "n",
            "rYdLIXQq1FZ8Vk5RxLI-atSun0AIyAbyClurvyaiKWxKSApi9Us4ndS9WxgU0IGloBUwXV79nCxY-VBlxU_"
            "GZmW1y4-"
            "PL3WWcYPbOHccJgIghes2Qyy35KFCS3kULR3VkH70mjuaXd1pKRgnhezqD0GFEw1WsSFUJnwhf0ZAGRc")) ==
        "weak_key");
    std::string modulus = decoded(public_rsa()["n"].get<std::string>());
    CHECK(refusal(with(public_rsa(), "n", to_base64url(modulus.substr(1)))) == "weak_key");
    std::string short_by_a_bit = modulus;
    short_by_a_bit[0] = '\x7f';
    CHECK(refusal(with(public_rsa(), "n", to_base64url(short_by_a_bit))) == "weak_key");
    CHECK(refusal(with(public_rsa(), "n", to_base64url('\0' + modulus))) == "malformed_key");
    CHECK(refusal(with(public_rsa(), "n", to_base64url(flipped(modulus, 255)))) == "malformed_key");
    CHECK(refusal(with(public_rsa(), "n", to_base64url(std::string(2000, '\xff')))) ==
          "malformed_key");

    CHECK(refusal(with(public_rsa(), "e", "AQ")) == "weak_key");                  // 1
    CHECK(refusal(with(public_rsa(), "e", "Aw")) == "weak_key");                  // 3
    CHECK(refusal(with(public_rsa(), "e", "__8")) == "weak_key");                 // 65535
    CHECK(refusal(with(public_rsa(), "e", "AQAA")) == "weak_key");                // 65536
    CHECK(refusal(with(public_rsa(), "e", "AAEAAQ")) == "malformed_key");         // leading zero
    CHECK(refusal(with(public_rsa(), "e", "AQAD")) == "accepted");                // 65539
    CHECK(refusal(with(public_rsa(), "e", "AQAAAAAAAAAAAQ")) == "malformed_key"); // over 64 bits
}

TEST_CASE("ROCA keys are refused", "[jwk]") {
    // Primes k·M + (65537^a mod M), M the product of the first 126 primes, as CVE-2017-15361 has
    // them.
    const auto key = VerificationKey::from_jwk(
        with(public_rsa(), "n",
             "y6UxILfC7XngUDjYn5pXVv4SNB47fU_"
             "Z8LiPCUj6GP6P8AbwnfxHSb5Q9PahANc4XuCuoJAeo9WvsYqKTdyYTpW-mG4VSHnlK5WoZwLdII9EHLlOi-_"
             "2Q8dydh4dtFUNqFWYhCoWtgxW1D_67VTbmGL6op31qMr8llj9IUG5dFbFoe0X2OR_"
             "GDVaN3Cyg6HELAbzMsuvmQtEjKizCJ3guIGYaGrQIsTu5J95GIKPIrzBELAr_"
             "hzMR4EsZxZY4RiXvrkbBozOZIrqnNmzwcT5lElVKCNlNuFblg-"
             "4oiJvGLnL7Cgs8VNUityWd4AKkIaNKbZ2zqHNgHveOy2UfvUItQ"));
    REQUIRE_FALSE(key);
    CHECK(key.error().reason == "weak_key");
    CHECK(key.error().message.find("CVE-2017-15361") != std::string::npos);
}

TEST_CASE("shared secrets have 32 bytes or more", "[jwk]") {
    CHECK(VerificationKey::from_shared_secret(Secret(std::string(32, 'a'))));
    CHECK(SigningKey::from_shared_secret(Secret(std::string(32, 'a'))));
    for (const std::size_t size : {0, 1, 31}) {
        const auto verifier = VerificationKey::from_shared_secret(Secret(std::string(size, 'a')));
        REQUIRE_FALSE(verifier);
        CHECK(verifier.error().reason == "weak_key");
    }
    for (const std::size_t size : {0, 1, 31}) {
        const auto signer = SigningKey::from_shared_secret(Secret(std::string(size, 'a')));
        REQUIRE_FALSE(signer);
        CHECK(signer.error().reason == "weak_key");
    }
    CHECK(refusal(with(shared, "k", to_base64url(std::string(31, 'a')))) == "weak_key");
    CHECK(refusal(with(shared, "k", "")) == "malformed_key");
}

TEST_CASE("a shared secret signs, and is never shown as public", "[jwk]") {
    const auto signer = SigningKey::from_shared_secret(Secret(std::string(32, 'a')));
    REQUIRE(signer);
    CHECK(signer->algorithm() == Algorithm::hs256);
    CHECK(signer->kid().empty());
    CHECK_FALSE(signer->public_jwk().contains("k"));
    const auto verifier = VerificationKey::from_shared_secret(Secret(std::string(32, 'a')));
    REQUIRE(verifier);
    CHECK(verifier->verify("text", signer->sign("text")));
    const auto again = SigningKey::from_private_jwk(signer->private_jwk());
    REQUIRE(again);
    CHECK(again->sign("text") == signer->sign("text"));
}

TEST_CASE("generated keys sign, and survive being written and read", "[jwk]") {
    for (const auto algorithm :
         {Algorithm::es256, Algorithm::rs256, Algorithm::ps256, Algorithm::eddsa}) {
        CAPTURE(to_name(algorithm));
        const auto signer = SigningKey::generate(algorithm);
        const Json shown = signer.public_jwk();
        CHECK(signer.algorithm() == algorithm);
        CHECK(signer.kid() == jwk_thumbprint(shown));
        CHECK(signer.kid().size() == 43);
        CHECK(shown.at("kid") == signer.kid());
        CHECK(shown.at("alg") == to_name(algorithm));
        CHECK(shown.at("use") == "sig");
        for (const char* name : {"d", "p", "q", "dp", "dq", "qi", "k"})
            CHECK_FALSE(shown.contains(name));
        if (shown.at("kty") == "RSA")
            CHECK(decoded(shown.at("n").get<std::string>()).size() == 3072 / 8);

        const auto verifier = load(shown);
        CHECK(verifier.kid() == signer.kid());
        const auto signature = signer.sign("text");
        CHECK(verifier.verify("text", signature));
        CHECK_FALSE(verifier.verify("test", signature));

        const auto again = SigningKey::from_private_jwk(signer.private_jwk());
        REQUIRE(again);
        CHECK(again->kid() == signer.kid());
        CHECK(again->public_jwk() == shown);
        CHECK(again->private_jwk().reveal() == signer.private_jwk().reveal());
        CHECK(verifier.verify("text", again->sign("text")));
    }
}

TEST_CASE("ES256 signatures always have 64 bytes", "[jwk]") {
    const auto key = SigningKey::from_private_jwk(Secret(ec_private.dump()));
    REQUIRE(key);
    const auto verifier = load(key->public_jwk());
    for (int i = 0; i < 600; ++i) {
        const auto signature = key->sign("text");
        REQUIRE(signature.size() == 64);
        REQUIRE(verifier.verify("text", signature));
    }
}

TEST_CASE("private members must belong to the public ones", "[jwk]") {
    CHECK(private_refusal(ec_private) == "accepted");
    CHECK(private_refusal(public_ec()) == "malformed_key");
    CHECK(private_refusal(with(ec_private, "d", ec_private["x"])) == "malformed_key");
    CHECK(private_refusal(with(ec_private, "d", "AQ")) == "malformed_key");
    CHECK(private_refusal(with(ec_private, "d", to_base64url(std::string(32, '\0')))) ==
          "malformed_key");
    CHECK(private_refusal(with(ec_private, "d", to_base64url(std::string(32, '\xff')))) ==
          "malformed_key");
    CHECK(private_refusal(with(ec_private, "y", ec_private["x"])) == "malformed_key");

    // A point that is not the seed's would let two signatures give the seed away.
    CHECK(private_refusal(ed_private) == "accepted");
    CHECK(private_refusal(with(ed_private, "x", ec_private["x"])) == "malformed_key");
    CHECK(private_refusal(with(ed_private, "d", "AQ")) == "malformed_key");
    CHECK(private_refusal(public_ed()) == "malformed_key");

    CHECK(private_refusal(rsa_private) == "accepted");
    for (const char* name : {"d", "p", "q", "dp", "dq", "qi"}) {
        CAPTURE(name);
        CHECK(private_refusal(without(rsa_private, {name})) == "malformed_key");
        const std::string other = flipped(decoded(rsa_private.at(name).get<std::string>()), 60);
        CHECK(private_refusal(with(rsa_private, name, to_base64url(other))) == "malformed_key");
        CHECK(private_refusal(with(rsa_private, name, "AQ")) == "malformed_key");
    }
    CHECK(private_refusal(with(rsa_private, "e", "AQAD")) == "malformed_key");
}

TEST_CASE("private JWKs are parsed strictly", "[jwk]") {
    for (const char* text : {"", "{", "[]", "null", R"({"kty":"oct","kty":"EC"})"})
        CHECK_FALSE(SigningKey::from_private_jwk(Secret(std::string_view(text))));
    CHECK(private_refusal(with(shared, "k", "AAAA")) == "weak_key");
}

TEST_CASE("refusals leave nothing in OpenSSL's error queue", "[jwk]") {
    ERR_clear_error();
    CHECK(refusal(with(public_ec(), "y", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU")) ==
          "malformed_key");
    CHECK(private_refusal(with(ec_private, "d", ec_private["x"])) == "malformed_key");
    CHECK(private_refusal(with(rsa_private, "p", "AQ")) == "malformed_key");
    CHECK_FALSE(load(public_ec()).verify("text", std::string(64, '\1')));
    CHECK_FALSE(load(public_rsa()).verify("text", std::string(256, '\1')));
    CHECK_FALSE(load(public_rsa()).verify("text", std::string(256, '\xff')));
    CHECK(ERR_peek_error() == 0);
}
