// The secret that signs HS256 tokens, in a file which the services that check them read as well.
#pragma once

#include "core/base/secret.h"
#include "core/realm.h"

#include <optional>
#include <string>

namespace auth {

// The content of token.secret_file without its one trailing newline; nothing where none is set.
// Fails with io, and refused (reason weak_secret) under 32 bytes (RFC 7518 section 3.2).
[[nodiscard]] Result<std::optional<Secret>> shared_secret(const Settings& settings);

// Makes the file, 0600, with 384 random bits as base64, and sets token.secret_file where it was not
// set. Fails with exists.
[[nodiscard]] Status make_shared_secret(Realm& realm, const std::string& file);

} // namespace auth
