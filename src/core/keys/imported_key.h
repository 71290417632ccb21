// Keys that another service made.
#pragma once

#include "core/keys/key_lifecycle.h"

#include <optional>
#include <string>

namespace auth {

// Whose tokens an imported key may sign: an issuer, any_issuer, or, where nothing is said, this
// database's own for a private key.
struct KeyImport {
    std::optional<Algorithm> algorithm{};
    std::optional<std::string> issuer{};
};

// Takes over a key as PEM or JWK. A private one of our own issuer signs from now on; of a key of
// another issuer only the public half is kept, which verifies what that issuer signed. It gets its
// thumbprint as kid, and is found by its old one as well. An RSA key that does not name its
// algorithm is for RS256. Fails with refused (reason weak_key or revoked), exists for an old kid
// that another key has or a key that is here for another issuer, or usage; field "issuer" where a
// public key comes without one, or with ours.
[[nodiscard]] Result<KeyChange> import_key(Realm& realm, const Secret& text,
                                           const KeyImport& order);
// Whether the text has a private half, as far as can be told without reading the key.
[[nodiscard]] bool is_private_key(const Secret& text);

} // namespace auth
