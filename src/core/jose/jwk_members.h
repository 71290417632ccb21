// What stands in a JWK (RFC 7517, 7518 section 6, 8037 section 2): reading its members strictly,
// refusing weak ones, writing them. All failures are invalid_token with the reason "malformed_key",
// "weak_key", "unsupported_key" (for another purpose, or of a kind this program has no use for) or
// "wrong_algorithm" (good, but not for what the caller asked).
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/jose/algorithm.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace auth::members {

[[nodiscard]] tl::unexpected<Error> malformed(std::string message);
[[nodiscard]] tl::unexpected<Error> weak(std::string message, Hint hint);
[[nodiscard]] tl::unexpected<Error> unsupported(std::string message);
// Names the algorithm of a curve as well, if that is known.
[[nodiscard]] tl::unexpected<Error> unsupported_curve(std::string_view curve);

// Canonical base64url of at least one byte.
[[nodiscard]] Result<std::string> bytes(const Json& jwk, std::string_view name);
[[nodiscard]] Result<Secret> secret_bytes(const Json& jwk, std::string_view name);
// Exactly `size` bytes.
[[nodiscard]] Result<std::string> coordinate(const Json& jwk, std::string_view name,
                                             std::size_t size);

// The algorithms a key answers for: its own "alg", or all that its type and curve allow; only
// `wanted` where that is given. Never empty.
[[nodiscard]] Result<std::vector<Algorithm>> algorithms(const Json& jwk,
                                                        std::optional<Algorithm> wanted);
// "use" and "key_ops" (RFC 7517 sections 4.2 and 4.3) must allow the operation: "sign" or "verify".
[[nodiscard]] Status check_use(const Json& jwk, std::string_view operation);
[[nodiscard]] Result<std::optional<std::string>> kid(const Json& jwk); // an empty one is none

// Writes the integers of an RSA key as RFC 7518 section 6.3.1 has them: without the padding and the
// leading zeros that other programs put there. Whether there were any. Other members stay.
bool respell_rsa(Json& jwk);
[[nodiscard]] std::string respelled_remark(std::string_view key);

// Integers as big-endian bytes.
struct Rsa {
    std::string n, e;
};
// A modulus of 2048 to 8192 bits, an exponent odd and at least 65537, not of the ROCA generator.
[[nodiscard]] Result<Rsa> rsa(const Json& jwk);
// At least as long as the hash (RFC 7518 section 3.2).
[[nodiscard]] Status check_shared_secret(const Secret& secret, Algorithm algorithm);

// Names of members with their bytes.
using Members = std::vector<std::pair<std::string_view, Secret>>;

// The members that make the public key, in the order of RFC 7638; empty for other types.
[[nodiscard]] std::span<const std::string_view> public_names(std::string_view key_type);
// The members that only the owner of a key pair may have.
[[nodiscard]] std::span<const std::string_view> private_names();
[[nodiscard]] bool has_private(const Json& jwk);
// The key without them and fit to verify; what was taken out is wiped.
void keep_public(Json& jwk);
// Wipes every string in the JSON: const std::unique_ptr<Json, Wipe> owner(&parsed).
struct Wipe {
    void operator()(Json* json) const;
};

// kty, public members, and kid, alg and "use":"sig" where given.
[[nodiscard]] Json write_public(const Json& jwk, std::optional<Algorithm> algorithm,
                                std::string_view kid);
// A private JWK as text.
struct Header {
    std::string_view key_type;
    std::string_view curve;             // empty for none
    std::optional<Algorithm> algorithm; // "alg"
};
[[nodiscard]] Secret write_private(const Header& header, const Members& members);

} // namespace auth::members
