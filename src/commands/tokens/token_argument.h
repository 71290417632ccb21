// The token a command is about: typed, in a file, on stdin, or the stored login's.
#pragma once

#include "cli/input/given_token.h"

#include <string>

namespace auth {

inline constexpr const char* token_argument_help =
    "a token, @FILE, or - for stdin; default: the stored login's";

// Without what stands round it. Nothing typed means the stored login. Fails with login_required, io
// or usage; says nothing of the token itself.
[[nodiscard]] Result<GivenToken> token_argument(World& world, const std::string& typed);

} // namespace auth
