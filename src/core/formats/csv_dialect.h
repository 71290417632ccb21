// How a CSV file was written.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

struct CsvDialect {
    char delimiter = ',';
    // Of a first line like "sep=;", with its end, which names the delimiter and is not a row.
    std::size_t preamble = 0;
};

// Of ',', ';', tab and '|' the one that is outside of quotes in the first row most often, unless a
// line "sep=" names it.
[[nodiscard]] CsvDialect csv_dialect(std::string_view head);

// The names in the first row, for recognising a file: no more than their quotes is taken off.
[[nodiscard]] std::vector<std::string> csv_names(std::string_view head);

// A column's name as it is compared: lower case, without spaces around it, '_' for other spaces and
// '-'.
[[nodiscard]] std::string column_key(std::string_view name);

} // namespace auth
