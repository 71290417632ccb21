#include "core/base/json.h"
#include "core/base/text.h"
#include "core/formats/csv_cells.h"
#include "core/formats/csv_columns.h"
#include "core/formats/json_user.h"
#include "core/formats/own_readers.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

// Puts one cell where its column belongs.
struct CellPlacer {
    std::string_view name;
    std::string_view text;
    UserRecord& record;
    JsonUserParser& json;

    // The address.
    Status operator()(std::string UserRecord::*place) const {
        record.*place = trimmed(text, white_space);
        return {};
    }
    Status operator()(std::optional<std::string> UserRecord::*place) const {
        (record.*place).emplace(text);
        return {};
    }
    Status operator()(ObjectText object) const {
        AUTH_TRY(record.*object.place, json.read_attributes(text));
        return {};
    }
    Status operator()(std::optional<std::vector<std::string>> UserRecord::*place) const {
        auto& texts = (record.*place).emplace();
        for (std::string_view rest = text; !rest.empty();) {
            const std::size_t end = std::min(rest.find_first_of(";,"), rest.size());
            if (const auto one = trimmed(rest.substr(0, end), white_space); !one.empty())
                texts.emplace_back(one);
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        return {};
    }
    Status operator()(std::optional<bool> UserRecord::*place) const {
        const auto truth = parse_truth(trimmed(text));
        if (!truth)
            return fail(unfit_field(name, fmt::format("true or false, not {}", in_quotes(text))));
        record.*place = *truth;
        return {};
    }
    Status operator()(std::optional<Secret> UserRecord::*place) const {
        (record.*place).emplace(text);
        return {};
    }
    Status operator()(std::optional<Time> UserRecord::*place) const {
        const auto time = parse_common_time(trimmed(text));
        if (!time)
            return fail(unfit_field(
                name, fmt::format("a time like 2026-01-31T09:05:00Z, not {}", in_quotes(text))));
        record.*place = *time;
        return {};
    }
    Status operator()(std::optional<std::vector<IdentityRecord>> UserRecord::*place) const {
        AUTH_TRY(record.*place, json.read_identities(text));
        return {};
    }
};

class CsvReader : public UserReader {
  public:
    CsvReader(CsvRows rows, bool raw) : rows_(std::move(rows)), raw_(raw) {}

    Status read_header(const ReaderOptions& options) {
        AUTH_TRY(const bool more, next_row());
        if (!more)
            return fail(ErrorCode::usage, "the file is empty: no row names the columns");
        AUTH_TRY(columns_, csv_columns(row_, options));
        return {};
    }

    Result<bool> next(UserRecord& record) override {
        AUTH_TRY(const bool more, next_row());
        if (!more)
            return false;
        record = UserRecord();
        record.line = row_.line;
        if (Status placed = place_cells(record); !placed)
            mark_failed(record, std::move(placed).error());
        return true;
    }

  private:
    // The next row that says anything.
    Result<bool> next_row() {
        for (;;) {
            AUTH_TRY(const bool more, rows_.next(row_));
            if (!more || !std::ranges::all_of(row_.cells, is_blank))
                return more;
        }
    }
    static bool is_blank(const CsvRow::Cell& cell) {
        return trimmed(cell.text, white_space).empty();
    }

    Status check_width() const {
        const std::size_t cells = row_.cells.size();
        const auto extra = row_.cells.begin() +
                           std::min<std::ptrdiff_t>(std::ssize(row_.cells), std::ssize(columns_));
        if (cells < columns_.size() || !std::all_of(extra, row_.cells.end(), is_blank))
            return fail(ErrorCode::usage, fmt::format("the row has {} cells, the header names {}",
                                                      cells, columns_.size()));
        return {};
    }

    Status place_cells(UserRecord& record) {
        AUTH_CHECK(check_width());
        std::string attributes;
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            const CsvRow::Cell& cell = row_.cells[i];
            const CsvColumn& column = columns_[i];
            if (!cell.given)
                continue;
            if (!valid_utf8(cell.text))
                return fail(not_utf8(fmt::format("the {}", column.name)));
            const std::string_view text = raw_ ? cell.text : with_formula(cell.text);
            if (column.field != nullptr)
                AUTH_CHECK(std::visit(CellPlacer{column.field->name, text, record, json_},
                                      column.field->place));
            else if (!column.attribute.empty())
                add_attribute(attributes, column.attribute, text);
        }
        if (!attributes.empty()) {
            AUTH_TRY(record.attributes, with_attributes(record.attributes, attributes));
        }
        return check_record(record);
    }

    static void add_attribute(std::string& members, std::string_view name, std::string_view text) {
        members += members.empty() ? '{' : ',';
        append_json_string(members, name);
        members += ':';
        append_json_string(members, text);
    }

    // Those of an object, if there is one, and then those of single columns.
    Result<std::string> with_attributes(const std::optional<std::string>& object,
                                        std::string members) {
        members += '}';
        if (!object || *object == "{}")
            return members;
        return json_.read_attributes(object->substr(0, object->size() - 1) + ',' +
                                     members.substr(1));
    }

    CsvRows rows_;
    CsvRow row_;
    std::vector<CsvColumn> columns_;
    JsonUserParser json_;
    bool raw_;
};

} // namespace

Result<std::unique_ptr<UserReader>> open_csv(ByteSource source, const ReaderOptions& options) {
    AUTH_TRY(CsvRows rows, CsvRows::open(std::move(source), options.delimiter));
    auto reader = std::make_unique<CsvReader>(std::move(rows), options.raw_csv);
    AUTH_CHECK(reader->read_header(options));
    return reader;
}

} // namespace auth
