#include "core/formats/csv_rows.h"

#include "core/base/broken.h"
#include "core/base/secret.h"
#include "core/formats/csv_dialect.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <csv.h>
#include <new>
#include <optional>

namespace auth {
namespace {

constexpr std::size_t one_fill = 1U << 16U;
constexpr unsigned char lenient = CSV_STRICT_FINI | CSV_REPALL_NL | CSV_EMPTY_IS_NULL;

// libcsv asks for the largest cell at once, so no copies of smaller buffers stay behind.
void* grow_to_one_cell(void* buffer, std::size_t size) {
    return size > max_cell_bytes ? nullptr : std::realloc(buffer, size);
}

} // namespace

// Rows that libcsv has found in what was read last, in one buffer.
struct CsvRows::State {
    State(ByteSource bytes, char delimiter);
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State();

    struct Place {
        std::size_t begin;
        std::size_t size;
        bool given;
    };
    struct Found {
        std::int64_t line;
        std::size_t first; // of its places
        std::size_t cells;
    };

    Status parse_more();
    void add_cell(const char* cell, std::size_t size);
    void end_row(int c);
    void count_break(char c);
    void forget_rows();
    [[nodiscard]] Error broken(std::string_view what) const {
        return error(ErrorCode::usage, fmt::format("line {}: {}", row_line, what));
    }

    csv_parser parser{};
    ByteSource source;
    std::vector<char> read;
    std::vector<char> text;
    // What libcsv's buffer and this one have held at most, to be wiped.
    std::size_t largest_cell = 0;
    std::size_t largest_text = 0;
    std::vector<Place> places;
    std::vector<Found> rows;
    std::size_t given = 0; // of the rows
    std::size_t row_first = 0;
    std::size_t row_bytes = 0;
    std::int64_t line = 1;
    std::int64_t row_line = 1;
    bool after_return = false;
    bool ended = false;
    std::optional<Error> failure; // behind the last of the rows
};

CsvRows::State::State(ByteSource bytes, char delimiter) : source(std::move(bytes)), read(one_fill) {
    if (csv_init(&parser, lenient | CSV_STRICT) != 0)
        out_of_memory();
    csv_set_realloc_func(&parser, grow_to_one_cell);
    csv_set_delim(&parser, static_cast<unsigned char>(delimiter));
    csv_set_blk_size(&parser, max_cell_bytes);
    csv_set_space_func(&parser, [](unsigned char) { return 0; });
    text.reserve(max_record_bytes + max_cell_bytes + one_fill); // growing would leave copies behind
}

CsvRows::State::~State() {
    if (parser.entry_buf != nullptr)
        wipe({reinterpret_cast<char*>(parser.entry_buf), std::max(largest_cell, parser.entry_pos)});
    csv_free(&parser);
    wipe(read);
    text.resize(std::max(largest_text, text.size()));
    wipe(text);
}

// No cell comes without a pointer but an empty one without quotes.
void CsvRows::State::add_cell(const char* cell, std::size_t size) {
    const std::string_view added(cell, cell == nullptr ? 0 : size);
    row_bytes += added.size() + 1;
    // With the closing quote, which libcsv holds until it knows that it is one.
    largest_cell = std::min(std::max(largest_cell, added.size() + 1), parser.entry_size);
    if (row_bytes > max_record_bytes)
        return;
    for (const char c : added)
        count_break(c);
    places.push_back({text.size(), added.size(), cell != nullptr});
    text.insert(text.end(), added.begin(), added.end());
}

// `c` ended a row, or a line without one; it is -1 at the end of the file.
void CsvRows::State::end_row(int c) {
    if (row_bytes > max_record_bytes && !failure)
        failure = broken(fmt::format("the row takes more than {} bytes", max_record_bytes));
    if (row_bytes > 0 && !failure)
        rows.push_back({row_line, row_first, places.size() - row_first});
    row_first = places.size();
    row_bytes = 0;
    count_break(static_cast<char>(c));
    row_line = line;
}

void CsvRows::State::count_break(char c) {
    if (c == '\r' || (c == '\n' && !after_return))
        ++line;
    after_return = c == '\r';
}

// Keeps only the row that is not complete.
void CsvRows::State::forget_rows() {
    const std::size_t kept = row_first < places.size() ? places[row_first].begin : text.size();
    largest_text = std::max(largest_text, text.size());
    text.erase(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(kept));
    places.erase(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(row_first));
    for (Place& place : places)
        place.begin -= kept;
    row_first = 0;
    rows.clear();
    given = 0;
}

Status CsvRows::State::parse_more() {
    const auto cell = [](void* bytes, std::size_t size, void* state) {
        static_cast<State*>(state)->add_cell(static_cast<const char*>(bytes), size);
    };
    const auto row = [](int c, void* state) { static_cast<State*>(state)->end_row(c); };
    AUTH_TRY(const std::size_t count, source(read));
    ended = count == 0;
    if (ended) {
        if (csv_fini(&parser, cell, row, this) != 0)
            failure = broken("a quoted cell does not end");
        return {};
    }
    std::size_t parsed = csv_parse(&parser, read.data(), count, cell, row, this);
    // Many programs write quotes within a cell that has none around it, and mean just these.
    while (parsed < count && csv_error(&parser) == CSV_EPARSE && parser.quoted == 0) {
        csv_set_opts(&parser, lenient);
        parsed += csv_parse(&parser, read.data() + parsed, 1, cell, row, this);
        csv_set_opts(&parser, lenient | CSV_STRICT);
        parsed += csv_parse(&parser, read.data() + parsed, count - parsed, cell, row, this);
    }
    if (parsed == count || failure)
        return {};
    failure = csv_error(&parser) == CSV_EPARSE
                  ? broken("text stands behind the quote that ends a cell; a quote within "
                           "quotes is doubled")
                  : broken(fmt::format("a cell takes more than {} bytes; does its quote not end?",
                                       max_cell_bytes));
    return {};
}

CsvRows::CsvRows(ByteSource source, char delimiter)
    : state_(std::make_unique<State>(without_byte_order_mark(std::move(source)), delimiter)) {}

CsvRows::CsvRows(CsvRows&&) noexcept = default;

Result<CsvRows> CsvRows::open(ByteSource source, std::optional<char> delimiter) {
    AUTH_TRY(Opening opening, look_ahead(without_byte_order_mark(std::move(source))));
    const CsvDialect dialect = csv_dialect(opening.head());
    AUTH_CHECK(skip(opening.source, dialect.preamble));
    CsvRows rows(std::move(opening.source), delimiter.value_or(dialect.delimiter));
    if (dialect.preamble > 0)
        rows.state_->row_line = ++rows.state_->line;
    return rows;
}

CsvRows::~CsvRows() = default;

Result<bool> CsvRows::next(CsvRow& row) {
    State& state = *state_;
    while (state.given == state.rows.size()) {
        if (state.failure)
            return fail(*state.failure);
        if (state.ended)
            return false;
        state.forget_rows();
        AUTH_CHECK(state.parse_more());
    }
    const State::Found& found = state.rows[state.given++];
    row.line = found.line;
    row.cells.clear();
    for (std::size_t i = 0; i < found.cells; ++i) {
        const State::Place& place = state.places[found.first + i];
        row.cells.push_back({{state.text.data() + place.begin, place.size}, place.given});
    }
    return true;
}

} // namespace auth
