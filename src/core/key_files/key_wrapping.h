// Key files in the wrappings that they arrive in: DER, base64 of it, PEM whose line ends an
// environment file took away. The key in them is the same.
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/base/secret.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace auth {

struct UnwrappedKey {
    Secret text;                    // PEM with its lines, a line of OpenSSH, JSON, or as given
    std::string_view wrapping = {}; // what was taken off: "DER"; empty for nothing
};
[[nodiscard]] UnwrappedKey unwrap_key(std::string_view text);

// How a key was read that others spell differently, for people who ask.
using Remarks = std::vector<std::string>;
void add_remark(Remarks& remarks, const UnwrappedKey& key);

// Whether the text has a block of PEM or begins as a line of OpenSSH.
[[nodiscard]] bool holds_public_key(const UnwrappedKey& key);

// The public JWK of the one key in a text that is no JSON. Fails as public_jwk_from_pem and
// public_jwk_from_openssh; where the text is known to be something else, that is named, with a
// command that converts it.
[[nodiscard]] Result<Json> public_jwk_from_file(const UnwrappedKey& key);

// `why` the text cannot be read, or what it is if that is known.
[[nodiscard]] Error explained(Error why, std::string_view text);

} // namespace auth
