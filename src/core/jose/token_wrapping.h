// What stands round a token that was copied from a header, a log or a file: never part of it.
#pragma once

#include <string_view>
#include <vector>

namespace auth {

struct UnwrappedToken {
    std::string_view token;                // of the text that was given
    std::vector<std::string_view> taken{}; // what was taken off, for people: "white space"
};

// Takes off, each at most once and from the outside inwards: the name of an Authorization header
// with its colon, the scheme Bearer (RFC 6750 section 2.1), pairs of quotes, and white space round
// each of them. Nothing inside the token changes; whether it is one is not asked.
[[nodiscard]] UnwrappedToken unwrap_token(std::string_view text);

} // namespace auth
