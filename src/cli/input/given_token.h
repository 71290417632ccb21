// Tokens as people give them: copied out of headers and logs, and from places that may hold
// something else.
#pragma once

#include "cli/world/world.h"

#include <optional>
#include <string>
#include <string_view>

namespace auth {

struct GivenToken {
    Secret text;
    std::string place{}; // "AUTH_CLI_TOKEN", "the token file 'x'"; "" for words and stdin
};

inline constexpr std::string_view token_variable = "AUTH_CLI_TOKEN";

// The text without what unwrap_token takes off, which -v says.
[[nodiscard]] Secret without_wrapping(const World& world, Secret text);
// A whole file or stdin: the same, and without its last line end.
[[nodiscard]] Secret token_in(const World& world, Secret content);
// That of AUTH_CLI_TOKEN, if it is set.
[[nodiscard]] std::optional<GivenToken> token_of_environment(const World& world);

// The failure of a token from that place: where its text is not a token at all, the place is named.
[[nodiscard]] Error at_place(Error failure, std::string_view place);

} // namespace auth
