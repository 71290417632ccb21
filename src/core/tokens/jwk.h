// Keys as JSON (RFC 7517, 7518, 8037) bound to one algorithm each.
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/base/secret.h"

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace auth {

enum class Algorithm { hs256, es256, rs256, ps256, eddsa };

[[nodiscard]] std::string_view to_name(Algorithm algorithm); // "ES256"
[[nodiscard]] std::optional<Algorithm> parse_algorithm(std::string_view name);

// A key that checks signatures of one algorithm.
class VerificationKey {
  public:
    // A public JWK, bound to `algorithm` or to its own "alg", which must agree; without either, a
    // curve decides. Fails with invalid_token. Reason "weak_key": RSA under 2048 bits, with an
    // exponent even or under 65537 or from the ROCA generator; HMAC keys under 32 bytes. Reason
    // "malformed_key": a point off the curve, members not canonical, "use" or "key_ops" for
    // anything but signatures, a private "d".
    [[nodiscard]] static Result<VerificationKey> from_jwk(const Json& jwk,
                                                          std::optional<Algorithm> algorithm = {});
    // HS256 with a shared secret of at least 32 bytes (RFC 7518 section 3.2).
    [[nodiscard]] static Result<VerificationKey> from_shared_secret(Secret secret);

    [[nodiscard]] Algorithm algorithm() const;
    [[nodiscard]] const std::string& kid() const; // empty where it has none
    // ECDSA signatures are r||s of exact length with r and s in [1, n-1]; RSA signatures as long as
    // the modulus.
    [[nodiscard]] bool verify(std::string_view input, std::string_view signature) const;

    struct State;

  private:
    std::shared_ptr<const State> state_;
};

// A key that signs.
class SigningKey {
  public:
    // ES256, RS256 and PS256 (3072 bits) or EdDSA (Ed25519); its kid is the RFC 7638 thumbprint.
    [[nodiscard]] static SigningKey generate(Algorithm algorithm);
    // From private_jwk(); the same failures as VerificationKey::from_jwk.
    [[nodiscard]] static Result<SigningKey> from_private_jwk(const Secret& jwk);
    [[nodiscard]] static Result<SigningKey> from_shared_secret(Secret secret);

    [[nodiscard]] Algorithm algorithm() const;
    [[nodiscard]] const std::string& kid() const; // empty for a shared secret
    [[nodiscard]] Json public_jwk() const; // kty, members, kid, alg, use; never a private member
    [[nodiscard]] Secret private_jwk() const;
    [[nodiscard]] std::string sign(std::string_view input) const;

    struct State;

  private:
    std::shared_ptr<const State> state_;
};

// RFC 7638 with SHA-256, as base64url: 43 characters. Empty where a required member is missing, and
// for shared secrets.
[[nodiscard]] std::string jwk_thumbprint(const Json& jwk);

} // namespace auth
