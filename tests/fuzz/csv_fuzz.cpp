#include "core/formats/csv_cells.h"
#include "core/formats/csv_rows.h"

#include <algorithm>
#include <cstdlib>

using namespace auth;

namespace {

void require(bool holds) {
    if (!holds)
        std::abort();
}

struct Table {
    std::vector<std::vector<std::optional<std::string>>> rows;
    std::vector<std::int64_t> lines;
    bool failed = false;
    bool operator==(const Table&) const = default;
};

Table read(std::string_view text, std::size_t step) {
    CsvRows rows([&text, step](std::span<char> room) -> Result<std::size_t> {
        const std::size_t count = text.copy(room.data(), std::min(room.size(), step));
        text.remove_prefix(count);
        return count;
    });
    Table table;
    for (CsvRow row;;) {
        const auto more = rows.next(row);
        table.failed = !more;
        if (!more || !*more)
            return table;
        auto& cells = table.rows.emplace_back();
        table.lines.push_back(row.line);
        for (const CsvRow::Cell& cell : row.cells)
            cells.push_back(cell.given ? std::optional<std::string>(cell.text) : std::nullopt);
    }
}

} // namespace

// A file reads the same in whatever pieces it comes, and so does what is written of it.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const Table table = read(text, 1U << 16U);
    require(read(text, 7) == table);
    require(std::is_sorted(table.lines.begin(), table.lines.end()));
    std::string written = "header\r\n"; // or a first cell might be taken for a byte order mark
    for (const auto& row : table.rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            written += i > 0 ? "," : "";
            if (!row[i])
                continue;
            const std::string safe = without_formula(*row[i]);
            require(with_formula(safe) == *row[i]);
            require(safe.empty() ||
                    std::string_view("=+-@\t\r\n").find(safe.front()) == std::string_view::npos);
            append_csv_cell(written, *row[i]);
        }
        written += "\r\n";
    }
    Table again = read(written, 1U << 16U);
    require(!again.failed && !again.rows.empty());
    again.rows.erase(again.rows.begin());
    require(again.rows == table.rows);
    return 0;
}
