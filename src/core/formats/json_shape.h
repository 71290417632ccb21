// How a file of JSON is laid out, told from its first bytes.
#pragma once

#include "core/base/result.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

inline constexpr std::string_view json_space = " \t\r\n";

// The outside of the first value of a text that may end within it.
struct JsonOutline {
    char opener = '\0';               // '{', '[', or another first character; 0 for none at all
    std::vector<std::string> members; // of an object: its names as written, in order
    // What stands behind the '[' of those whose values are arrays; of an array, behind its own.
    std::map<std::string, std::string_view, std::less<>> elements;
    bool closed = false;  // the value ends within the text
    bool one_line = true; // what is seen of the value has no line break
};
// The names of arrays are as written, "" for the outermost.
[[nodiscard]] JsonOutline outline_json(std::string_view head);

// What is wrong where lines of text come before the JSON, as programs print that write it to their
// output: names the first of them, and the line on which the JSON begins. Nothing where no later
// line begins a value.
[[nodiscard]] std::optional<Error> text_before_json(std::string_view head);

} // namespace auth
