// The cells of a CSV file as they are written.
#pragma once

#include <string>
#include <string_view>

namespace auth {

// Appends a cell, in quotes where it needs them. No value is an empty cell, empty text is "".
void append_csv_cell(std::string& out, std::string_view text);

// Spreadsheets take a cell for a formula by its first character. These put a ' before such a cell,
// and before one that could be taken for the result; and take it away again.
[[nodiscard]] std::string without_formula(std::string_view text);
[[nodiscard]] std::string_view with_formula(std::string_view cell);

} // namespace auth
