// What a static file host needs to serve so that services which trust OpenID providers find the
// keys (OpenID Connect Discovery 1.0, sections 3 and 4).
#pragma once

#include "core/keys/signing_key.h"

#include <string>
#include <vector>

namespace auth {

// {"keys": […]} of the public halves (RFC 7517 section 5).
[[nodiscard]] Json jwks_document(const std::vector<KeyRecord>& keys);

// A file to serve, by its path below the issuer's URL.
struct PublishedFile {
    std::string path;
    std::string content;
};

// "jwks.json" and ".well-known/openid-configuration", in the order in which they may appear. Fails
// with usage where token.issuer is no URL that can be served: https, or http on a loopback address,
// without query and fragment.
[[nodiscard]] Result<std::vector<PublishedFile>>
discovery_files(const Settings& settings, const std::vector<KeyRecord>& keys);

} // namespace auth
