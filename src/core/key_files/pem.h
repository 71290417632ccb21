// Keys as PEM (RFC 7468), from and to JWK.
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/jose/algorithm.h"

#include <nlohmann/json_fwd.hpp>
#include <openssl/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace auth {

// The public JWK of the one key in the text: "PUBLIC KEY", "RSA PUBLIC KEY", the public half of
// "PRIVATE KEY", "EC PRIVATE KEY" or "RSA PRIVATE KEY", or "CERTIFICATE": of that the key only, so
// neither issuer nor dates are looked at, and of a chain the first. A curve gives the JWK its
// "alg", and so does RSA-PSS (RFC 4055); other RSA keys have none. Fails with usage where there is
// no key, or more than one, or an encrypted one; with invalid_token, reason "malformed_key" or
// "unsupported_key".
[[nodiscard]] Result<Json> public_jwk_from_pem(std::string_view text);

// The same of a key that OpenSSL has read. Fails with invalid_token, reason "unsupported_key".
[[nodiscard]] Result<Json> public_jwk_of(EVP_PKEY& key);

// The PEM text of a key or certificate in DER; nothing for other bytes.
[[nodiscard]] std::optional<Secret> pem_from_der(std::string_view der);

// The private JWK of the one private key in the text, with the "alg" that is given or that its
// curve has; RSA may have none. Encrypted keys are refused: nothing asks for their passphrase.
// Reason "wrong_algorithm" where the key is not for `algorithm`.
[[nodiscard]] Result<Secret> private_jwk_from_pem(const Secret& text,
                                                  std::optional<Algorithm> algorithm = {});

// A public JWK as "PUBLIC KEY" (RFC 5280 section 4.1.2.7). Fails like VerificationKey::from_jwk,
// and for shared secrets.
[[nodiscard]] Result<std::string> to_pem(const Json& public_jwk);

} // namespace auth
