// How a file of JSON is laid out, told from its first bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace auth {

inline constexpr std::string_view json_space = " \t\r\n";

// The outside of the first value of a text that may end within it.
struct JsonOutline {
    char opener = '\0';               // '{', '[', or another first character; 0 for none at all
    std::vector<std::string> members; // of an object: its names as written, in order
    std::vector<std::string> arrays;  // those of them whose values are arrays
    bool closed = false;              // the value ends within the text
    bool one_line = true;             // what is seen of the value has no line break
};
[[nodiscard]] JsonOutline outline_json(std::string_view head);

} // namespace auth
