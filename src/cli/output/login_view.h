// A login as JSON and as text.
#pragma once

#include "cli/output/document.h"
#include "core/sessions/session.h"
#include "core/users/user.h"

#include <string>

namespace auth {

// auth-cli.login/1 without its tokens, and what the notes about it say of the stored token.
[[nodiscard]] Json login_document(World& world, const User& user, const Session& session,
                                  Time expires, bool stored);
[[nodiscard]] std::string token_expires(World& world, Time expires, bool stored);
// auth-cli.login/1 and its notes; with `tokens` also the access and refresh token.
[[nodiscard]] Reply login_reply(World& world, const Grant& grant, bool stored, bool tokens);

} // namespace auth
