// Keys whose private halves everybody knows, since RFCs print them: what an attacker has. A token
// that they sign opens nothing that is not open to all.
#pragma once

#include "core/jose/jwk.h"

#include <string_view>

namespace auth {

// For ES256, RS256, PS256, EdDSA and HS256.
[[nodiscard]] SigningKey known_key(Algorithm algorithm);
// A certificate of that key, self-signed, as "x5c" has it; "" for HS256.
[[nodiscard]] std::string_view known_certificate(Algorithm algorithm);

// Ed25519 keys that a database lists as revoked, and as retired long ago.
[[nodiscard]] SigningKey known_revoked_key();
[[nodiscard]] SigningKey known_retired_key();

} // namespace auth
