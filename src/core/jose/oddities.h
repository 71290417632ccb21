// What is legal in a token and yet seldom meant. Nothing here says that a token is invalid.
#pragma once

#include "core/jose/jose.h"

#include <cstddef>
#include <vector>

namespace auth {

// In order of the list in the source; the codes are stable. `size` is that of the whole token, in
// bytes.
[[nodiscard]] std::vector<Problem> find_oddities(const Token& token, std::size_t size);

} // namespace auth
