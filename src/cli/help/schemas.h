// The JSON Schemas of the program's documents: the files of schemas/, as they are installed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace auth {

struct Schema {
    std::string name; // of the document: "auth-cli.user/1"
    std::string_view title;
    std::string_view text; // JSON, with its newline
};

// Ordered by name.
[[nodiscard]] const std::vector<Schema>& schemas();
// Nothing where there is none.
[[nodiscard]] const Schema* find_schema(std::string_view name);

} // namespace auth
