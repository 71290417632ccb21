// A login as JSON and as text.
#pragma once

#include "cli/output/document.h"
#include "core/sessions/session.h"
#include "core/users/user.h"

#include <string>

namespace auth {

// auth-cli.login/1 without its tokens, and what the notes about it say of the stored token.
// `token_file` is where it is stored, or ""; `may_wait` is as of Grant.
[[nodiscard]] Json login_document(Realm& realm, const User& user, const Session& session,
                                  Time expires, const std::string& token_file, bool may_wait);
[[nodiscard]] std::string token_expires(World& world, Time expires, const std::string& token_file);
// auth-cli.login/1 and its notes; with `tokens` also the access and refresh token.
[[nodiscard]] Reply login_reply(World& world, Realm& realm, const Grant& grant,
                                const std::string& token_file, bool tokens);

} // namespace auth
