// Keys and signatures that are the same each time, for test data alone: OpenSSL makes them and
// takes the random numbers that it needs from a given source.
#pragma once

#include "core/base/random.h"
#include "core/jose/jwk.h"

#include <string>
#include <string_view>

namespace auth {

// What key.sign() and SigningKey::generate() give. Other threads of the process must not use
// OpenSSL meanwhile: they would draw from `random` as well.
[[nodiscard]] std::string sign_with(const SigningKey& key, std::string_view input, Random& random);
[[nodiscard]] SigningKey generate_with(Algorithm algorithm, Random& random);

} // namespace auth
