// JSON as the project uses it: objects keep their order; outside text is parsed strictly.
#pragma once

#include "core/base/result.h"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace auth {

using Json = nlohmann::ordered_json;

// YAML text as JSON: plain true, false and null mean what they say, every other scalar is text as
// written. Fails with usage, naming line and column.
using ParseYaml = std::function<Result<Json>(std::string_view)>;

// Parses one JSON document (RFC 8259) of valid UTF-8. Refuses duplicate member names, nesting
// deeper than `max_depth`, trailing text and byte order marks. Fails with usage; reason
// "duplicate_member", "too_deep" or "malformed".
[[nodiscard]] Result<Json> parse_json(std::string_view text, int max_depth = 16);

// The member of that name, or null. A value that is not an object has none.
[[nodiscard]] const Json* find_member(const Json& object, std::string_view name);
// The same if it is a string, or else null.
[[nodiscard]] const std::string* find_text(const Json& object, std::string_view name);
// A copy of it, or "".
[[nodiscard]] std::string text_member(const Json& object, std::string_view name);

// Appends a string as RFC 8259 writes it, in its quotes: only what must be escaped is, as
// Json::dump does. The text must be valid UTF-8.
void append_json_string(std::string& out, std::string_view text);

} // namespace auth
