#include "core/formats/csv_cells.h"

#include <fmt/format.h>

namespace auth {
namespace {

constexpr std::string_view formula_starts = "=+-@\t\r\n";

bool starts_formula(std::string_view text) {
    return !text.empty() && formula_starts.find(text.front()) != std::string_view::npos;
}

// What a leading ' may have been put before.
bool reads_as_formula(std::string_view text) {
    return starts_formula(text) || text.starts_with('\'');
}

} // namespace

void append_csv_cell(std::string& out, std::string_view text) {
    if (!text.empty() && text.find_first_of(",\"\r\n") == std::string_view::npos) {
        out += text;
        return;
    }
    out += '"';
    for (const char c : text) {
        if (c == '"')
            out += '"';
        out += c;
    }
    out += '"';
}

std::string without_formula(std::string_view text) {
    const bool marked = text.starts_with('\'') && reads_as_formula(text.substr(1));
    return starts_formula(text) || marked ? fmt::format("'{}", text) : std::string(text);
}

std::string_view with_formula(std::string_view cell) {
    const bool marked = cell.starts_with('\'') && reads_as_formula(cell.substr(1));
    return marked ? cell.substr(1) : cell;
}

} // namespace auth
