#include "core/jose/algorithm.h"

#include <algorithm>
#include <array>

namespace auth {
namespace {

constexpr std::array<AlgorithmTraits, 13> algorithms{{
    {Algorithm::hs256, "HS256", Family::hmac, "oct", "", 0, 32},
    {Algorithm::hs384, "HS384", Family::hmac, "oct", "", 0, 48},
    {Algorithm::hs512, "HS512", Family::hmac, "oct", "", 0, 64},
    {Algorithm::es256, "ES256", Family::ecdsa, "EC", "P-256", 32, 32},
    {Algorithm::es384, "ES384", Family::ecdsa, "EC", "P-384", 48, 48},
    {Algorithm::es512, "ES512", Family::ecdsa, "EC", "P-521", 66, 64},
    {Algorithm::rs256, "RS256", Family::rsa, "RSA", "", 0, 32},
    {Algorithm::rs384, "RS384", Family::rsa, "RSA", "", 0, 48},
    {Algorithm::rs512, "RS512", Family::rsa, "RSA", "", 0, 64},
    {Algorithm::ps256, "PS256", Family::rsa_pss, "RSA", "", 0, 32},
    {Algorithm::ps384, "PS384", Family::rsa_pss, "RSA", "", 0, 48},
    {Algorithm::ps512, "PS512", Family::rsa_pss, "RSA", "", 0, 64},
    {Algorithm::eddsa, "EdDSA", Family::eddsa, "OKP", "Ed25519", 32, 0, "Ed25519"},
}};

} // namespace

std::string_view to_name(Algorithm algorithm) {
    return traits_of(algorithm).name;
}

std::optional<Algorithm> parse_algorithm(std::string_view name) {
    const auto* found = std::ranges::find_if(algorithms, [&](const AlgorithmTraits& traits) {
        return !name.empty() && (name == traits.name || name == traits.full_name);
    });
    return found != algorithms.end() ? std::optional(found->algorithm) : std::nullopt;
}

bool can_sign(Algorithm algorithm) {
    return traits_of(algorithm).hash_size == 32 || algorithm == Algorithm::eddsa;
}

const AlgorithmTraits& traits_of(Algorithm algorithm) {
    return *std::ranges::find(algorithms, algorithm, &AlgorithmTraits::algorithm);
}

std::span<const AlgorithmTraits> all_algorithms() {
    return algorithms;
}

} // namespace auth
