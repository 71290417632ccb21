#include "core/base/encoding.h"
#include "core/jose/repeatable.h"
#include "support/catch.h"

#include <nlohmann/json.hpp>

using namespace auth;

namespace {

// RFC 6979 appendix A.2.5.
SigningKey rfc_key() {
    return p256_key_of(Secret(
        from_hex("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721").value()));
}

} // namespace

TEST_CASE("RFC 6979: the public half and the signatures of its key", "[jose]") {
    const SigningKey key = rfc_key();
    const Json jwk = key.public_jwk();
    CHECK(to_hex(from_base64url(jwk.value("x", "")).value()) ==
          "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6");
    CHECK(to_hex(from_base64url(jwk.value("y", "")).value()) ==
          "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
    CHECK(to_hex(sign_repeatably(key, "sample")) ==
          "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
          "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
    CHECK(to_hex(sign_repeatably(key, "test")) ==
          "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
          "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083");
}

TEST_CASE("repeatable signatures verify", "[jose]") {
    const SigningKey key = SigningKey::generate(Algorithm::es256);
    const auto verifier = VerificationKey::from_jwk(key.public_jwk());
    REQUIRE(verifier);
    for (int i = 0; i < 50; ++i) {
        const std::string input = "input " + std::to_string(i);
        CHECK(verifier->verify(input, sign_repeatably(key, input)));
    }
}

TEST_CASE("other algorithms sign as ever", "[jose]") {
    const SigningKey key = SigningKey::generate(Algorithm::eddsa);
    CHECK(sign_repeatably(key, "input") == key.sign("input"));
}
