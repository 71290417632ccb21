// What other systems say and cannot be kept here, counted and in words.
#pragma once

#include "core/base/json.h"
#include "core/formats/user_record.h"

#include <string>

namespace auth {

void add_to(LeftBehind& sum, const LeftBehind& more);
// {"groups":12}
[[nodiscard]] Json left_behind_document(const LeftBehind& sum);
// "left behind: 12 group memberships, 3 second passwords"; empty for nothing. What has a noun comes
// first; of the rest, which have only their names, the most frequent are named.
[[nodiscard]] std::string in_words(const LeftBehind& sum);

} // namespace auth
