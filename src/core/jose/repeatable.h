// ES256 keys and signatures that are the same each time, for test data alone: nothing here hides
// from somebody who measures times.
#pragma once

#include "core/jose/jwk.h"

#include <string>
#include <string_view>

namespace auth {

// What key.sign() gives, with the nonce of RFC 6979 section 3.2 where the algorithm is ES256. RSA
// with PSS stays random.
[[nodiscard]] std::string sign_repeatably(const SigningKey& key, std::string_view input);

// The P-256 key of these 32 random bytes.
[[nodiscard]] SigningKey p256_key_of(const Secret& bytes);

} // namespace auth
