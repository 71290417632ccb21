// otpauth URIs, the form in which authenticator apps take and give their secrets (Google
// Authenticator's Key URI Format).
#pragma once

#include "core/base/result.h"
#include "core/codes/totp.h"

#include <string_view>

namespace auth {

[[nodiscard]] Secret otpauth_uri(const Totp& totp, std::string_view issuer,
                                 std::string_view account);

// What an app of elsewhere shares. `weak` also takes secrets of 80 bits; else they have 128 at
// least (RFC 4226 section 4, R6). Label, issuer and unknown parameters are passed over. Fails with
// usage, field "uri", never showing any of it.
[[nodiscard]] Result<Totp> parse_otpauth_uri(std::string_view uri, bool weak);

} // namespace auth
