// What the readers of spellings share: each turns what another system writes into the stored form.
#pragma once

#include "core/base/result.h"

#include <optional>
#include <string>
#include <string_view>

namespace auth {

using Text = std::optional<std::string>; // nothing for a malformed one

// RFC 4648's base 64, padded or not.
[[nodiscard]] Text any_base64(std::string_view text);
// "ROUNDS$SALT$KEY", as passlib, OpenLDAP's pw-pbkdf2 and 389 Directory Server write it: in base
// 64, some with "." for "+".
[[nodiscard]] Text passlib_pbkdf2(std::string_view digest, std::string_view rest);

// "{NAME}…" of directories, Dovecot and Spring. Fails with usage, field "password_hash".
[[nodiscard]] Result<std::string> read_braced(std::string_view hash);
// Forms that begin with no word of their own; nothing for a text that is none of them.
[[nodiscard]] Text read_unmarked(std::string_view hash);

} // namespace auth
