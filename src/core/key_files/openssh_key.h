// Public keys as OpenSSH writes them (RFC 4253 section 6.6, RFC 5656 section 3.1, RFC 8709 section
// 4).
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"

#include <string_view>

namespace auth {

// Whether the text begins as a line of such a key does: "ssh-ed25519 AAAA… comment".
[[nodiscard]] bool is_openssh_key(std::string_view text);

// The JWK of the one key in the text, as public_jwk_from_pem makes it. Fails with usage for more
// than one, and with invalid_token, reason "malformed_key" or "unsupported_key".
[[nodiscard]] Result<Json> public_jwk_from_openssh(std::string_view text);

} // namespace auth
