// The pieces that documents and texts of every noun are made of.
#pragma once

#include "cli/output/reply.h"
#include "cli/world/world.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace auth {

[[nodiscard]] Json problem_records(const std::vector<Problem>& problems);

// null for an empty text, and for nothing.
[[nodiscard]] Json or_null(std::string_view text);
template <class T> [[nodiscard]] Json or_null(const std::optional<T>& value) {
    return value ? Json(*value) : Json();
}
[[nodiscard]] Json time_or_null(const std::optional<Time>& time);
// A time in text output: --time-format, else relative on terminals and RFC 3339 elsewhere.
[[nodiscard]] std::string show_time(World& world, Time time);

// Names and values of text output; empty values are left out.
using Lines = std::vector<std::pair<std::string, std::string>>;
// Aligned "name  value" lines.
[[nodiscard]] std::string name_value_lines(const Lines& lines);

// A list whose records are all at hand.
[[nodiscard]] Reply list_reply(std::string schema, std::string key, std::vector<Column> columns,
                               std::vector<Json> records);

} // namespace auth
