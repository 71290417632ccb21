// The rows of a CSV file (RFC 4180), by libcsv.
#pragma once

#include "core/formats/byte_source.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

// The most bytes in one cell.
inline constexpr std::size_t max_cell_bytes = 512U << 10U;

struct CsvRow {
    struct Cell {
        std::string_view text;
        bool given = false; // false for nothing at all between two commas, not even quotes
    };
    std::int64_t line = 0; // where it starts, from 1
    std::vector<Cell> cells;
};

// Cells between delimiters, any line ends, a byte order mark skipped. A quote within a cell that
// has none around it stands for itself. An empty line is skipped.
class CsvRows {
  public:
    explicit CsvRows(ByteSource source, char delimiter = ',');
    CsvRows(CsvRows&&) noexcept;
    ~CsvRows();

    // In the dialect that the file's head shows, or with the delimiter that is given. Fails with
    // io.
    [[nodiscard]] static Result<CsvRows> open(ByteSource source, std::optional<char> delimiter);

    // The row is good until the next call. False at the end. Fails with usage, naming the line, for
    // text behind a closing quote, cells over max_cell_bytes, rows over max_record_bytes, and with
    // io: nothing after that can be read.
    [[nodiscard]] Result<bool> next(CsvRow& row);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace auth
