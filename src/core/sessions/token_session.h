// Whose session a token is, live or not.
#pragma once

#include "core/sessions/token_file.h"

#include <optional>

namespace auth {

// Of an access token, expired or not, or of a refresh token, current or not (RFC 7009 section 2.1
// takes both); nothing where the session is forgotten. Fails with invalid_token for tokens that are
// not ours.
[[nodiscard]] Result<std::optional<Session>> session_of(Realm& realm, const Secret& token);
// Of a stored login, by whichever of its tokens still proves it.
[[nodiscard]] Result<std::optional<Session>> session_of(Realm& realm, const StoredLogin& login);

// Ends it, where it lives; false where it had ended, one way or another. Call inside a Transaction.
[[nodiscard]] bool end_live_session(Realm& realm, const Session& session, std::string_view reason);

} // namespace auth
