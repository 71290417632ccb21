#include "core/base/encoding.h"
#include "core/jose/jwk.h"
#include "support/catch.h"
#include "support/data.h"

#include <nlohmann/json.hpp>
#include <openssl/err.h>

#include <string>

using namespace auth;

// The algorithms of RFC 7518 for which no RFC prints an example; signatures of "message" by
// Python's cryptography.

namespace {

Json rsa_public_key() {
    Json jwk = Json::parse(data_file("rfc/rfc7515_a2.json"))["jwk"];
    for (const char* name : {"d", "p", "q", "dp", "dq", "qi"})
        jwk.erase(name);
    return jwk;
}

const Json p384_key{{"kty", "EC"},
                    {"crv", "P-384"},
                    {"x", "279RdsNlWpK4EtGm6WwnL4578A4GOQ8C2HH6aYQRO6_oVLu0THEuKDcV49sy4ShT"},
                    {"y", "dlY0u71QbzZTfWWyj3cR0M9N3JcXxmlsYzhmFgsPk64fJQ18a7sFDs9jwiUWQvfS"}};

VerificationKey loaded(const Json& jwk, Algorithm algorithm) {
    auto key = VerificationKey::from_jwk(jwk, algorithm);
    REQUIRE(key);
    return *std::move(key);
}

std::string octets(std::string_view text) {
    return from_base64url(text).value();
}

std::string bytes(std::string_view hex) {
    return from_hex(hex).value();
}

// Right as it is, wrong in any other way.
void check(const VerificationKey& key, const std::string& signature) {
    CAPTURE(to_name(key.algorithm()));
    CHECK(key.verify("message", signature));
    CHECK_FALSE(key.verify("Message", signature));
    CHECK_FALSE(key.verify("message", ""));
    CHECK_FALSE(key.verify("message", signature.substr(0, signature.size() - 1)));
    CHECK_FALSE(key.verify("message", signature.substr(1)));
    CHECK_FALSE(key.verify("message", signature + '\0'));
    CHECK_FALSE(key.verify("message", '\0' + signature));
    for (const std::size_t at : {std::size_t{0}, signature.size() / 2, signature.size() - 1}) {
        std::string forged = signature;
        forged[at] = static_cast<char>(forged[at] ^ 1);
        CHECK_FALSE(key.verify("message", forged));
    }
}

Json secret(std::size_t size) {
    return {{"kty", "oct"}, {"k", to_base64url(std::string(size, '\xaa'))}};
}

} // namespace

TEST_CASE("RSA with SHA-384 and SHA-512", "[jwk]") {
    const std::string rs384 =
        octets("SWjnY0saqqcwYElAA_YH1ywKq5bpND6VeejJyBG74BVd1oWjdt3UZACKRg6yD0d9i0Tt4_oRz3Ducnf0"
               "Av7xWruP53kMCK4OX6R6ddugd-91cLBhghMikRuvhJYnpul68ZOs1zRIbM_R32sGQriquiiTDGZrLnTR"
               "ZcY7GZkl7Gy9L2H2f3KbYPbZ72CZUP1Bhw3BFxs78okqOflDpphN88pSbB3SenLk1Bqobwmt_9euPMMO"
               "aNmMZpMJoTCWkmZULeFe-lNLbLUqaAycmpjNvifoGAjs1jvbuM-lL7RmyYg05IoagY5OAbVORnchJ5Yd"
               "S069yX7ou2G_vS9YFnZ-Yw");
    const std::string rs512 =
        octets("WLLaCxdF57UlIckSVy5qfwZOvjDpwRJHGp38AaymgLW1V3XCFF_mslnRuOTE6TWm1OIJzR3dIJE0E3U0"
               "6_pfYR3SjymXldcMT1CSBu-19m3Beax0Thn1uOUoP1KH6GZ3-olW64G5EyNujDw93YShKuWA89YuiaFK"
               "S66zQ1D_EOOUvgeOrTNwUBfTZS01AdajQtmhCJIzYCQ_HUgYdN2O_I3vsuRYD6IkGqzwOFFsrogHQ-Ks"
               "WDzJvHt6FKkk9am5SF11sD2AyL2Nfh-xrJQR0-h_74rclUrDvEQ4ce17jMGTaTikVwUEhKrXgZx2qPi8"
               "w4dJSuJXYnRFoH0X_NIG8A");
    const std::string ps384 =
        octets("R6LSkRnq0pPtEYJO_ZfJcvJUdwOpt5AAzQ1RpKGwigjY11vgr9vaj5U9M02ScQzOj7Q52_dMUypMr8fQ"
               "1NzckaESE8_xSFNk9hrzZdSHTj8fk-lMIDU7zvM1Iwew-pXQYnMsE6AnIdG7-EDAXLTUdQGvRLLFtzkW"
               "IsxrFue9Ickxo5hh2-BvWxDnah8UOIjj1-aHaviPSqveaKiox4WAAvnevevNtwjd7_4IvfCOYvHiUfpd"
               "EW3gJ_AnKQztPsa2O8mMZcSyA-fpsxHr_8_2-DMV_2FCS4_ceY5iP_Nv0NHPaF0fmGtN9Pa9rzYTtcK8"
               "Zl8VTLVywElY6HDr9k6gSQ");
    const std::string ps512 =
        octets("ZsjlyZ_jWHxTYmUTsSunAYhIQAqNMG6el1PqIZjSX4bvg1vB5VYsi7ZSDRUQvEwS2F-UBXjX15dvfad1"
               "0ERtBMiHAP7Fh_OtqNk3o-6iwf-njAXLl-cikc-g2zp-yeFD3uUztzePhEmAwvjj5E5Hc1r_7vre_JMv"
               "6BGKdYBvm6ULqIwluXmGzzkpZZ5wg5_oMDBKPBqx3YfZuc13e2cOL40ApcTfmY0eJ4H1GGRAE0JnJ1A6"
               "ioIKWw-l43MOTKbW7Qk7zxVG8lWJmtc4a_S5BZmvQfJ8InuD-x9-VrfGQTPMBVgLLG-R5Jix2u1nrKBa"
               "grHrdJI3XRJQvJ0mF6CvWA");
    check(loaded(rsa_public_key(), Algorithm::rs384), rs384);
    check(loaded(rsa_public_key(), Algorithm::rs512), rs512);
    check(loaded(rsa_public_key(), Algorithm::ps384), ps384);
    check(loaded(rsa_public_key(), Algorithm::ps512), ps512);
    for (const auto& row : all_algorithms())
        if (row.key_type == "RSA") {
            const auto key = loaded(rsa_public_key(), row.algorithm);
            CHECK(key.verify("message", rs384) == (row.algorithm == Algorithm::rs384));
            CHECK(key.verify("message", rs512) == (row.algorithm == Algorithm::rs512));
            CHECK(key.verify("message", ps384) == (row.algorithm == Algorithm::ps384));
            CHECK(key.verify("message", ps512) == (row.algorithm == Algorithm::ps512));
        }
}

TEST_CASE("PS512 takes no shorter salt", "[jwk]") {
    CHECK_FALSE(
        loaded(rsa_public_key(), Algorithm::ps512)
            .verify("message", octets("fJid4XU-wPjgyvoblelYwm-tUkTLOjEs95MyHVxedCLFFmzF_"
                                      "QNewo1tf2SHVMQc1u-hzWDXPHMoq_1t"
                                      "KrzVq5h6AyZeSLFMIXW2nSXLbsbKC6-8nrexiV_V22e_"
                                      "dBpizzyh3xb868S469wAkd9VBycTxCfEFUfr"
                                      "7CicBqqJ8OGJq3XCcKHLoBpi0AJ-"
                                      "NN41CYTObnG4PDNPG4HjQ9R3gfaq1Pd01MxzZK1a6Yldbep9ddp5"
                                      "l2UuPmdLIfbfRXUHVQ7kyabTpX7SMZc8XcJ2tBCsaDOPCK11hc_ZgQ_"
                                      "2nRjhUO0Ia5w2UDvyZL5c3RMB"
                                      "ywS0Mq4Iyd24ZqGrocMSNw")));
}

TEST_CASE("ES384", "[jwk]") {
    check(loaded(p384_key, Algorithm::es384),
          octets("9aaq6LReueMrMANF7hk2k-6fp6Qb_ORC1DPKGZz-jdhjCPe5uuCPppEDw3t2Degaykx-5pAlK9ZJn84F"
                 "zVFOWJseMVzy8RrRWFjh4qXlx0RF7d6fvBwYrMq1zLjRlGFy"));
}

TEST_CASE("r and s of ES384 and ES512 are in range", "[jwk]") {
    // Orders by SEC 2, sections 2.5.1 and 2.6.1.
    const std::string p384 = bytes("ffffffffffffffffffffffffffffffffffffffffffffffff"
                                   "c7634d81f4372ddf581a0db248b0a77aecec196accc52973");
    const std::string p521 =
        bytes("01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
              "fa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409");
    const Json p521_key = Json::parse(data_file("rfc/rfc7520_4_3.json"))["jwk"];
    ERR_clear_error();
    for (const auto& [key, order] : {std::pair{loaded(p384_key, Algorithm::es384), p384},
                                     std::pair{loaded(p521_key, Algorithm::es512), p521}}) {
        const std::string zero(order.size(), '\0');
        std::string one = zero;
        one.back() = '\1';
        std::string last = order; // n - 1: in range, and wrong
        last.back() = static_cast<char>(last.back() - 1);
        for (const auto& r : {zero, one, last, order, std::string(order.size(), '\xff')})
            for (const auto& s : {zero, one, last, order, std::string(order.size(), '\xff')})
                CHECK_FALSE(key.verify("message", r + s));
    }
    CHECK(ERR_peek_error() == 0);
}

TEST_CASE("RFC 4231 section 4.7: HMAC", "[jwk]") {
    const std::string text = "Test Using Larger Than Block-Size Key - Hash Key First";
    const auto verifies = [&](Algorithm algorithm, std::string_view code) {
        return loaded(secret(131), algorithm).verify(text, bytes(code));
    };
    CHECK(verifies(Algorithm::hs256,
                   "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"));
    CHECK(verifies(Algorithm::hs384,
                   "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c6"
                   "0c2ef6ab4030fe8296248df163f44952"));
    CHECK(verifies(Algorithm::hs512,
                   "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
                   "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"));
    // RFC 7518 section 3.2 forbids to shorten them.
    CHECK_FALSE(verifies(Algorithm::hs384, "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f"
                                           "3cd11f05033ac4c6"));
    CHECK_FALSE(verifies(Algorithm::hs512,
                         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"));
    CHECK_FALSE(verifies(Algorithm::hs256, ""));
}

TEST_CASE("one key checks many codes", "[jwk]") {
    const auto signer = SigningKey::from_shared_secret(Secret(std::string(32, 'a')));
    REQUIRE(signer);
    const auto key = VerificationKey::from_shared_secret(Secret(std::string(32, 'a')));
    REQUIRE(key);
    const auto copy = *key;
    for (int i = 0; i < 5; ++i) {
        const std::string text = "text " + std::to_string(i);
        CHECK(copy.verify(text, signer->sign(text)));
        CHECK_FALSE(copy.verify(text + "!", signer->sign(text)));
    }
}

TEST_CASE("a shared secret is at least as long as the hash", "[jwk]") {
    for (const auto& [algorithm, least] :
         {std::pair{Algorithm::hs256, 32}, std::pair{Algorithm::hs384, 48},
          std::pair{Algorithm::hs512, 64}}) {
        const auto size = static_cast<std::size_t>(least);
        CHECK(VerificationKey::from_jwk(secret(size), algorithm));
        const auto weak = VerificationKey::from_jwk(secret(size - 1), algorithm);
        REQUIRE_FALSE(weak);
        CHECK(weak.error().reason == "weak_key");
        CHECK(weak.error().hint == "openssl rand -base64 48");
    }
}

TEST_CASE("all_from_jwk gives a key for each algorithm", "[jwk]") {
    const auto names = [](const Json& jwk, std::optional<Algorithm> only = {}) {
        std::string out;
        const auto keys = VerificationKey::all_from_jwk(jwk, only);
        if (!keys)
            return keys.error().reason;
        for (const auto& key : *keys)
            out += std::string(to_name(key.algorithm())) + " ";
        return out;
    };
    CHECK(names(rsa_public_key()) == "RS256 RS384 RS512 PS256 PS384 PS512 ");
    CHECK(names(rsa_public_key(), Algorithm::ps384) == "PS384 ");
    CHECK(names(p384_key) == "ES384 ");
    CHECK(names(p384_key, Algorithm::es256) == "wrong_algorithm");
    CHECK(names(secret(31)) == "weak_key");
    CHECK(names(secret(48)) == "HS256 HS384 ");
}

TEST_CASE("keys are generated, and sign, for five algorithms", "[jwk]") {
    std::string names;
    for (const auto& row : all_algorithms())
        if (can_sign(row.algorithm))
            names += std::string(row.name) + " ";
        else
            CHECK_THROWS_AS(SigningKey::generate(row.algorithm), std::logic_error);
    CHECK(names == "HS256 ES256 RS256 PS256 EdDSA ");
    CHECK_THROWS_AS(SigningKey::generate(Algorithm::hs256), std::logic_error);

    Json rsa = Json::parse(data_file("rfc/rfc7515_a2.json"))["jwk"];
    for (const char* name : {"RS384", "RS512", "PS384", "PS512"}) {
        rsa["alg"] = name;
        const auto key = SigningKey::from_private_jwk(Secret(rsa.dump()));
        REQUIRE_FALSE(key);
        CHECK(key.error().reason == "unsupported_key");
    }
    const Json p521 = Json::parse(data_file("rfc/rfc7515_a4.json"))["jwk"];
    CHECK(SigningKey::from_private_jwk(Secret(p521.dump())).error().reason == "unsupported_key");
    CHECK(
        SigningKey::from_private_jwk(Secret(secret(64).dump()), Algorithm::hs512).error().reason ==
        "unsupported_key");
}

TEST_CASE("a private key is named by its thumbprint, and loses what does not make it", "[jwk]") {
    Json jwk = Json::parse(data_file("rfc/rfc7515_a3.json"))["jwk"];
    jwk["kid"] = "the \"old\" key";
    jwk["x5u"] = "https://id.example";
    const auto key = SigningKey::from_private_jwk(Secret(jwk.dump()));
    REQUIRE(key);
    CHECK(key->kid() == jwk_thumbprint(jwk));
    CHECK_FALSE(key->public_jwk().contains("x5u"));
    const Json written = Json::parse(key->private_jwk().reveal());
    CHECK(written == Json{{"kty", "EC"},
                          {"crv", "P-256"},
                          {"x", jwk["x"]},
                          {"y", jwk["y"]},
                          {"d", jwk["d"]},
                          {"alg", "ES256"},
                          {"use", "sig"}});
}
