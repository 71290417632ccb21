// JSON whose numbers are shown as they were written, however many digits they have. Where a
// number's text says more than a 64-bit integer or a double holds, the text is kept in its place;
// no other JSON has such values.
#pragma once

#include "core/base/json.h"

#include <optional>
#include <string>
#include <string_view>

namespace auth {

// As parse_json, and fails as it does, but for numbers beyond the range of a double, which are
// kept.
[[nodiscard]] Result<Json> parse_exact_json(std::string_view text, int max_depth = 16);

// The text of a number that was kept; nothing for all other values.
[[nodiscard]] std::optional<std::string_view> kept_number(const Json& value);

// With the nearest number in the place of each that was kept: infinite where it is out of range.
[[nodiscard]] Json rounded(const Json& value);

// As Json::dump with invalid UTF-8 replaced, and kept numbers as they were written. `indent` below
// 0 puts all on one line.
[[nodiscard]] std::string write_json(const Json& value, int indent = -1, bool ascii = false);

} // namespace auth
