// Keys that another service made.
#pragma once

#include "core/keys/key_lifecycle.h"

#include <optional>

namespace auth {

// Takes over a key as PEM or JWK: a private one to sign from now on, a public one to verify what
// that service signed. It gets its thumbprint as kid, and is found by its old one as well. An RSA
// key that does not name its algorithm is for RS256. Fails with refused (reason weak_key or
// revoked), exists for an old kid that another key has, or usage.
[[nodiscard]] Result<KeyChange> import_key(Realm& realm, const Secret& text,
                                           std::optional<Algorithm> algorithm);

} // namespace auth
