#include "core/users/linked_identity.h"

#include <algorithm>

namespace auth {

bool is_subject(std::string_view text) {
    return !text.empty() && text.size() <= 255 &&
           std::ranges::all_of(text, [](char c) { return c >= ' ' && c < '\x7f'; });
}

} // namespace auth
