#include "core/jose/jwk.h"
#include "core/key_files/key_set.h"
#include "core/key_files/pem.h"
#include "support/catch.h"
#include "support/data.h"

#include <nlohmann/json.hpp>
#include <openssl/err.h>

#include <map>
#include <string>
#include <utility>

using namespace auth;

// tests/data/pem is made with the openssl program; the thumbprints are by Python's cryptography.

namespace {

const std::map<std::string, std::string> rsa_forms{
    {"rsa_public.pem", "ECaSZ9BuPcwtMdYpYhs-eOpGZiWkcSrrjJpauIezCVM"},
    {"rsa_pkcs1_public.pem", "ECaSZ9BuPcwtMdYpYhs-eOpGZiWkcSrrjJpauIezCVM"},
    {"rsa_pkcs8.pem", "ECaSZ9BuPcwtMdYpYhs-eOpGZiWkcSrrjJpauIezCVM"},
    {"rsa_pkcs1.pem", "ECaSZ9BuPcwtMdYpYhs-eOpGZiWkcSrrjJpauIezCVM"},
};

struct Bound {
    const char* thumbprint;
    const char* algorithm;
};
const std::map<std::string, Bound> bound_forms{
    {"p256_public.pem", {"a4SXCX7XJV7o8Y3Bdcm1rTI91228zhoNk_OJkdJVjLQ", "ES256"}},
    {"p256_sec1.pem", {"a4SXCX7XJV7o8Y3Bdcm1rTI91228zhoNk_OJkdJVjLQ", "ES256"}},
    {"p256_pkcs8.pem", {"a4SXCX7XJV7o8Y3Bdcm1rTI91228zhoNk_OJkdJVjLQ", "ES256"}},
    {"p256_certificate.pem", {"a4SXCX7XJV7o8Y3Bdcm1rTI91228zhoNk_OJkdJVjLQ", "ES256"}},
    {"chain.pem", {"a4SXCX7XJV7o8Y3Bdcm1rTI91228zhoNk_OJkdJVjLQ", "ES256"}},
    {"p384_public.pem", {"sD_AKlRQ1t9zE_aSbODBkf8AdkHArzVrwBs6uoNkqSM", "ES384"}},
    {"p384_pkcs8.pem", {"sD_AKlRQ1t9zE_aSbODBkf8AdkHArzVrwBs6uoNkqSM", "ES384"}},
    {"p521_public.pem", {"bx7hItGQCTO6TFXApMkRNse-wXpLzzSkLA-24zob7Rs", "ES512"}},
    {"ed25519_public.pem", {"hI72RMwoLYws_ixwEMU_hajGEGdRdz004b7w7F2T2w0", "EdDSA"}},
    {"ed25519_pkcs8.pem", {"hI72RMwoLYws_ixwEMU_hajGEGdRdz004b7w7F2T2w0", "EdDSA"}},
    {"rsa_pss_public.pem", {"sd7yy4lKpEEdfUsNm7G-DXDPJpXajtwFpYAtwGXbWpE", "PS256"}},
    {"rsa_pss_sha384_public.pem", {"5nGxjCQlaKHor99NIYU0XPgMPKQzYh9sNV4dZZ-V1C4", "PS384"}},
};

std::string pem_file(const std::string& name) {
    return data_file("pem/" + name);
}

Json jwk_of_pem(const std::string& text) {
    const auto jwk = public_jwk_from_pem(text);
    REQUIRE(jwk);
    for (const char* name : {"d", "p", "q", "dp", "dq", "qi"})
        CHECK_FALSE(jwk->contains(name));
    return *jwk;
}

// "code/reason".
std::string refusal(const std::string& text) {
    ERR_clear_error();
    const auto jwk = public_jwk_from_pem(text);
    CHECK(ERR_peek_error() == 0);
    if (jwk)
        return "accepted";
    CHECK_FALSE(jwk.error().message.empty());
    return jwk.error().code == ErrorCode::usage ? "usage" : jwk.error().reason;
}

std::string private_refusal(const std::string& text, std::optional<Algorithm> algorithm = {}) {
    const auto jwk = private_jwk_from_pem(Secret(text), algorithm);
    if (jwk)
        return "accepted";
    return jwk.error().code == ErrorCode::usage ? "usage" : jwk.error().reason;
}

} // namespace

TEST_CASE("RSA keys in every form are the same key, bound to nothing", "[pem]") {
    for (const auto& [name, thumbprint] : rsa_forms) {
        CAPTURE(name);
        const Json jwk = jwk_of_pem(pem_file(name));
        CHECK(jwk_thumbprint(jwk) == thumbprint);
        CHECK_FALSE(jwk.contains("alg"));
        CHECK(VerificationKey::from_jwk(jwk, Algorithm::rs256));
        CHECK(VerificationKey::from_jwk(jwk, Algorithm::ps512));
    }
}

TEST_CASE("curves and RSA-PSS bind keys to an algorithm", "[pem]") {
    for (const auto& [name, expected] : bound_forms) {
        CAPTURE(name);
        const Json jwk = jwk_of_pem(pem_file(name));
        CHECK(jwk_thumbprint(jwk) == expected.thumbprint);
        CHECK(jwk.value("alg", "") == expected.algorithm);
        CHECK(VerificationKey::from_jwk(jwk));
    }
}

TEST_CASE("public keys are written as openssl writes them", "[pem]") {
    for (const char* name : {"rsa_public.pem", "p256_public.pem", "p384_public.pem",
                             "p521_public.pem", "ed25519_public.pem"}) {
        CAPTURE(name);
        CHECK(to_pem(jwk_of_pem(pem_file(name))).value() == pem_file(name));
    }
    CHECK(to_pem(jwk_of_pem(pem_file("p256_certificate.pem"))).value() ==
          pem_file("p256_public.pem"));
    CHECK(to_pem(jwk_of_pem(pem_file("rsa_pkcs1.pem"))).value() == pem_file("rsa_public.pem"));
    for (const auto algorithm :
         {Algorithm::es256, Algorithm::rs256, Algorithm::ps256, Algorithm::eddsa}) {
        const Json jwk = SigningKey::generate(algorithm).public_jwk();
        const auto text = to_pem(jwk);
        REQUIRE(text);
        CHECK(jwk_thumbprint(jwk_of_pem(*text)) == jwk.at("kid"));
    }
}

TEST_CASE("what is no public key is not written", "[pem]") {
    const Json secret{{"kty", "oct"}, {"k", "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_"}};
    CHECK(to_pem(secret).error().reason == "unsupported_key");
    CHECK(to_pem(Json()).error().reason == "malformed_key");
    Json moved = jwk_of_pem(pem_file("p256_public.pem"));
    moved["y"] = moved["x"];
    CHECK(to_pem(moved).error().reason == "malformed_key");
    CHECK(to_pem(jwk_of_pem(pem_file("rsa_1024_public.pem"))).error().reason == "weak_key");
}

TEST_CASE("private keys sign what their public halves verify", "[pem]") {
    using Case = std::pair<const char*, std::optional<Algorithm>>;
    for (const auto& [name, algorithm] :
         {Case{"p256_sec1.pem", {}}, Case{"p256_pkcs8.pem", Algorithm::es256},
          Case{"ed25519_pkcs8.pem", {}}, Case{"rsa_pkcs8.pem", Algorithm::rs256},
          Case{"rsa_pkcs1.pem", Algorithm::ps256}}) {
        CAPTURE(name);
        const auto jwk = private_jwk_from_pem(Secret(pem_file(name)), algorithm);
        REQUIRE(jwk);
        const auto signer = SigningKey::from_private_jwk(*jwk);
        REQUIRE(signer);
        CHECK((!algorithm || signer->algorithm() == *algorithm));
        const auto set = KeySet::from_pem(pem_file(name));
        REQUIRE(set);
        const auto key = set->find("", signer->algorithm());
        REQUIRE(key);
        CHECK((*key)->verify("text", signer->sign("text")));
        CHECK(signer->kid() == jwk_thumbprint(jwk_of_pem(pem_file(name))));
    }
}

TEST_CASE("a private RSA key has the algorithm that is given, or none", "[pem]") {
    const auto jwk = private_jwk_from_pem(Secret(pem_file("rsa_pkcs8.pem")));
    REQUIRE(jwk);
    CHECK_FALSE(Json::parse(jwk->reveal()).contains("alg"));
    CHECK_FALSE(SigningKey::from_private_jwk(*jwk));
    CHECK(SigningKey::from_private_jwk(*jwk, Algorithm::rs256));
    CHECK(private_refusal(pem_file("rsa_pkcs8.pem"), Algorithm::es256) == "wrong_algorithm");
    CHECK(private_refusal(pem_file("p256_pkcs8.pem"), Algorithm::rs256) == "wrong_algorithm");
    CHECK(private_refusal(pem_file("p256_pkcs8.pem"), Algorithm::hs256) == "wrong_algorithm");
}

TEST_CASE("keys of algorithms that only verify do not sign", "[pem]") {
    const auto jwk = private_jwk_from_pem(Secret(pem_file("p384_pkcs8.pem")));
    REQUIRE(jwk);
    const auto signer = SigningKey::from_private_jwk(*jwk);
    REQUIRE_FALSE(signer);
    CHECK(signer.error().reason == "unsupported_key");
    CHECK(signer.error().message.find("ES384") != std::string::npos);
}

TEST_CASE("public blocks are no private keys", "[pem]") {
    for (const char* name :
         {"p256_public.pem", "p256_certificate.pem", "rsa_pkcs1_public.pem", "rsa_public.pem"})
        CHECK(private_refusal(pem_file(name)) == "usage");
}

TEST_CASE("encrypted keys are refused without asking anybody", "[pem]") {
    for (const char* name : {"ed25519_encrypted.pem", "rsa_encrypted_pkcs1.pem"}) {
        CAPTURE(name);
        const auto jwk = private_jwk_from_pem(Secret(pem_file(name)));
        REQUIRE_FALSE(jwk);
        CHECK(jwk.error().code == ErrorCode::usage);
        CHECK(jwk.error().message == "the PEM key is encrypted");
        CHECK(jwk.error().hint == "openssl pkey -in FILE -out DECRYPTED_FILE");
        CHECK(refusal(pem_file(name)) == "usage");
    }
}

TEST_CASE("keys of other kinds are refused by name", "[pem]") {
    for (const auto& [name, word] :
         {std::pair{"secp256k1_public.pem", "secp256k1"}, std::pair{"ed448_public.pem", "ED448"},
          std::pair{"x25519_public.pem", "X25519"}, std::pair{"p256_explicit.pem", "curve"},
          std::pair{"rsa_pss_mixed_public.pem", "RSA-PSS"}}) {
        CAPTURE(name);
        CHECK(refusal(pem_file(name)) == "unsupported_key");
        CHECK(public_jwk_from_pem(pem_file(name)).error().message.find(word) != std::string::npos);
    }
    CHECK(refusal(pem_file("p256_request.pem")) == "usage");
    CHECK(refusal(pem_file("ed25519_openssh.pem")) == "usage");
}

TEST_CASE("weak keys are read, and refused where they would be used", "[pem]") {
    const auto set = KeySet::from_pem(pem_file("rsa_1024_public.pem"));
    REQUIRE_FALSE(set);
    CHECK(set.error().reason == "weak_key");
    CHECK(set.error().hint ==
          "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out key.pem");
}

TEST_CASE("RSA keys of three primes do not sign", "[pem]") {
    const auto jwk =
        private_jwk_from_pem(Secret(pem_file("rsa_three_primes.pem")), Algorithm::rs256);
    REQUIRE(jwk);
    CHECK(SigningKey::from_private_jwk(*jwk).error().reason == "malformed_key");
}

TEST_CASE("one text holds one key", "[pem]") {
    const std::string key = pem_file("p256_public.pem");
    CHECK(refusal(key + key) == "usage");
    CHECK(refusal(pem_file("p256_certificate.pem") + key) == "usage");
    CHECK(refusal(pem_file("p256_pkcs8.pem") + pem_file("p256_certificate.pem")) == "usage");
    CHECK(refusal("some words\n" + key + "more words\n") == "accepted");
    CHECK(refusal(pem_file("p256_certificate.pem") + pem_file("chain.pem")) == "accepted");
}

TEST_CASE("PEM that is none is refused", "[pem]") {
    const std::string key = pem_file("p256_public.pem");
    for (const std::string& text :
         {std::string(), std::string("hello"), std::string("{}"), key.substr(0, 60),
          key.substr(0, key.size() - 20),
          std::string("-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n"),
          key + "-----BEGIN PUBLIC KEY-----\n", std::string(2'000'000, '\n') + key}) {
        CAPTURE(text.substr(0, 200));
        CHECK(refusal(text) != "accepted");
    }
    CHECK(refusal("hello") == "usage");
    // Good base64 of something else, and of a key with a byte behind it.
    CHECK(refusal("-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----\n") ==
          "malformed_key");
    CHECK(refusal("-----BEGIN EC PRIVATE KEY-----\nMAA=\n-----END EC PRIVATE KEY-----\n") ==
          "malformed_key");
    CHECK(refusal("-----BEGIN PUBLIC KEY-----\n"
                  "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
                  "-----END PUBLIC KEY-----\n") == "accepted");
    CHECK(refusal("-----BEGIN PUBLIC KEY-----\n"
                  "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURoA\n"
                  "-----END PUBLIC KEY-----\n") == "malformed_key");
}
