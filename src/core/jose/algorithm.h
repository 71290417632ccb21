// The algorithms of JSON Web Signatures (RFC 7518 section 3.1, RFC 8037 section 3.1, RFC 9864).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace auth {

enum class Algorithm {
    hs256,
    hs384,
    hs512,
    es256,
    es384,
    es512,
    rs256,
    rs384,
    rs512,
    ps256,
    ps384,
    ps512,
    eddsa, // Ed25519 only
};

[[nodiscard]] std::string_view to_name(Algorithm algorithm); // "ES256"
// By either name: "EdDSA" is "Ed25519" as well.
[[nodiscard]] std::optional<Algorithm> parse_algorithm(std::string_view name);

// Whether keys that sign are offered for it: ES256, RS256, PS256, EdDSA and HS256. Keys that verify
// are, for all.
[[nodiscard]] bool can_sign(Algorithm algorithm);

enum class Family { hmac, ecdsa, rsa, rsa_pss, eddsa };

struct AlgorithmTraits {
    Algorithm algorithm;
    std::string_view name;
    Family family;
    std::string_view key_type;    // "kty" of its keys
    std::string_view curve;       // "crv" of its keys; empty where they have none
    std::size_t coordinate_size;  // bytes of a coordinate on that curve
    std::size_t hash_size;        // bytes; 0 where the algorithm hides its hash
    std::string_view full_name{}; // the one that tells its curve (RFC 9864 section 2), if another
};

[[nodiscard]] const AlgorithmTraits& traits_of(Algorithm algorithm);
[[nodiscard]] std::span<const AlgorithmTraits> all_algorithms();

} // namespace auth
