#include "core/base/deterministic_random.h"
#include "core/jose/repeatable.h"
#include "support/catch.h"

#include <nlohmann/json.hpp>

using namespace auth;

namespace {

DeterministicRandom chance_of(std::string_view name) {
    return DeterministicRandom("1", std::string(name));
}

std::string private_text(const SigningKey& key) {
    return std::string(key.private_jwk().reveal());
}

} // namespace

TEST_CASE("a source of random numbers settles keys and signatures", "[jose]") {
    const auto algorithm =
        GENERATE(Algorithm::es256, Algorithm::eddsa, Algorithm::rs256, Algorithm::ps256);
    DeterministicRandom one = chance_of("one");
    DeterministicRandom again = chance_of("one");
    DeterministicRandom other = chance_of("other");
    const SigningKey key = generate_with(algorithm, one);
    CHECK(private_text(key) == private_text(generate_with(algorithm, again)));
    CHECK(private_text(key) != private_text(generate_with(algorithm, other)));

    const std::string made = sign_with(key, "input", one);
    CHECK(made == sign_with(key, "input", again));
    const bool random = algorithm == Algorithm::es256 || algorithm == Algorithm::ps256;
    CHECK((made != sign_with(key, "input", other)) == random);
    const auto verifier = VerificationKey::from_jwk(key.public_jwk());
    REQUIRE(verifier);
    CHECK(verifier->verify("input", made));
}

TEST_CASE("afterwards OpenSSL has its own source again", "[jose]") {
    DeterministicRandom one = chance_of("one");
    const SigningKey key = generate_with(Algorithm::es256, one);
    (void)sign_with(key, "input", one);
    CHECK(key.sign("input") != key.sign("input"));
    CHECK(private_text(SigningKey::generate(Algorithm::es256)) !=
          private_text(SigningKey::generate(Algorithm::es256)));
}
