// A token read for people who want to see what is in it, also where its text is not one that a
// verifier accepts. Trust never starts here: judges read tokens by parse_token.
#pragma once

#include "core/jose/jose.h"

#include <string_view>
#include <vector>

namespace auth {

struct TokenLook {
    Token token; // with numbers as a double holds them
    Json header; // both with numbers as they were written (core/jose/exact_json)
    Json claims;
    std::vector<Problem> unusual{}; // why no verifier accepts the spelling
};

// Base64url may be padded, in base64's own alphabet, or have bits behind its last byte; a header
// may have any length, and a number any size. All else fails as parse_token.
[[nodiscard]] Result<TokenLook> look_into_token(std::string_view text);

} // namespace auth
