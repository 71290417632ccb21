// Signatures and authentication codes as JWS has them (RFC 7518 section 3). Any number of threads
// may verify with one object: each check works on a copy of a context that the first one prepared,
// so that nothing is looked up, parsed or locked from the second on.
#pragma once

#include "core/base/secret.h"
#include "core/jose/jwk_openssl.h"

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace auth::openssl {

// ECDSA, as r||s of exact length with r and s in [1, n-1], and RSA, as long as the modulus; the
// salt of RSA-PSS as long as the hash, its mask by the same hash.
class SignatureVerifier {
  public:
    SignatureVerifier(Algorithm algorithm, Key key);
    [[nodiscard]] bool verify(std::string_view input, std::string_view signature) const;

    struct Prepared;

  private:
    const AlgorithmTraits& traits_;
    Key key_;
    mutable std::once_flag once_;
    mutable std::shared_ptr<const Prepared> prepared_;
};

// HMAC. The secret must outlive it.
class MacVerifier {
  public:
    MacVerifier(Algorithm algorithm, const Secret& secret);
    [[nodiscard]] bool verify(std::string_view input, std::string_view code) const;

    struct Prepared;

  private:
    const AlgorithmTraits& traits_;
    const Secret& secret_;
    mutable std::once_flag once_;
    mutable std::shared_ptr<const Prepared> prepared_;
};

[[nodiscard]] std::string sign(EVP_PKEY& key, Algorithm algorithm, std::string_view input);

} // namespace auth::openssl
