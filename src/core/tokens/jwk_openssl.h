// What keys need of OpenSSL: P-256 and RSA keys from their JWK members, and signatures by them.
// Integers are big-endian bytes.
#pragma once

#include "core/base/secret.h"
#include "core/tokens/jwk.h"

#include <openssl/types.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace auth::openssl {

struct FreeKey {
    void operator()(EVP_PKEY* key) const;
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;

struct RsaSecrets {
    Secret d, p, q, dp, dq, qi;
};

// Null for a point off the curve, and for secret members that do not belong to the public ones.
[[nodiscard]] Key load_p256(std::string_view x, std::string_view y);
[[nodiscard]] Key load_p256(std::string_view x, std::string_view y, const Secret& d);
[[nodiscard]] Key load_rsa(std::string_view n, std::string_view e);
[[nodiscard]] Key load_rsa(std::string_view n, std::string_view e, const RsaSecrets& secrets);

// The mark of the faulty key generator of CVE-2017-15361 (ROCA), whose moduli can be factored.
[[nodiscard]] bool has_roca_mark(std::string_view modulus);

// ES256, RS256 or PS256.
[[nodiscard]] bool verify(EVP_PKEY& key, Algorithm algorithm, std::string_view input,
                          std::string_view signature);
[[nodiscard]] std::string sign(EVP_PKEY& key, Algorithm algorithm, std::string_view input);

// A new key as its JWK members. RSA has 3072 bits; HS256 is a mistake of the caller.
using Members = std::vector<std::pair<std::string_view, Secret>>;
[[nodiscard]] Members generate(Algorithm algorithm);

} // namespace auth::openssl
