// Keys as JSON (RFC 7517, 7518, 8037) bound to one algorithm each.
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/jose/algorithm.h"

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

// A key that checks signatures of one algorithm. Copies share it; any number of threads may use it.
class VerificationKey {
  public:
    // A public JWK or a shared secret as JWK, bound to `algorithm` or to its own "alg", which must
    // agree; without either, a curve decides. Fails with invalid_token. Reason "weak_key": RSA
    // under 2048 bits, with an exponent even or under 65537 or from the ROCA generator; secrets
    // shorter than the hash. "unsupported_key": "use" or "key_ops" for anything but signatures;
    // types, curves and algorithms without support. "wrong_algorithm": not for `algorithm`.
    // "malformed_key": a point off the curve, members missing or not canonical, a private member.
    [[nodiscard]] static Result<VerificationKey> from_jwk(const Json& jwk,
                                                          std::optional<Algorithm> algorithm = {});
    // The same, once for each algorithm the JWK answers for: without "alg" that is RS256 to PS512
    // for RSA, and for a shared secret each HMAC for which it is long enough. At least one.
    [[nodiscard]] static Result<std::vector<VerificationKey>>
    all_from_jwk(const Json& jwk, std::optional<Algorithm> algorithm = {});
    // HS256 with a shared secret of at least 32 bytes (RFC 7518 section 3.2).
    [[nodiscard]] static Result<VerificationKey> from_shared_secret(Secret secret);

    [[nodiscard]] Algorithm algorithm() const;
    [[nodiscard]] const std::string& kid() const; // empty where it has none
    // ECDSA signatures are r||s of exact length with r and s in [1, n-1]; RSA signatures as long as
    // the modulus; the salts of PS256 and its kind as long as the hash.
    [[nodiscard]] bool verify(std::string_view input, std::string_view signature) const;

    struct State;

  private:
    explicit VerificationKey(std::shared_ptr<const State> state) : state_(std::move(state)) {}
    std::shared_ptr<const State> state_;
};

// A key that signs.
class SigningKey {
  public:
    // ES256, RS256 and PS256 (3072 bits) or EdDSA (Ed25519); its kid is the RFC 7638 thumbprint.
    [[nodiscard]] static SigningKey generate(Algorithm algorithm);
    // A private JWK, bound to `algorithm`, its own "alg" or its curve. Its kid is the thumbprint
    // whatever it was called elsewhere. Fails like VerificationKey::from_jwk, with
    // "unsupported_key" also for algorithms without can_sign().
    [[nodiscard]] static Result<SigningKey>
    from_private_jwk(const Secret& jwk, std::optional<Algorithm> algorithm = {});
    [[nodiscard]] static Result<SigningKey> from_shared_secret(Secret secret);

    [[nodiscard]] Algorithm algorithm() const;
    [[nodiscard]] const std::string& kid() const; // empty for a shared secret
    [[nodiscard]] Json public_jwk() const;    // kty, members, kid, alg, use; never a private member
    [[nodiscard]] Secret private_jwk() const; // from_private_jwk reads it without being told more
    [[nodiscard]] std::string sign(std::string_view input) const;

    struct State;

  private:
    std::shared_ptr<const State> state_;
};

// RFC 7638 with SHA-256, as base64url: 43 characters. Empty where a required member is missing, and
// for shared secrets.
[[nodiscard]] std::string jwk_thumbprint(const Json& jwk);

} // namespace auth
