#include "core/base/json.h"
#include "core/base/text.h"
#include "core/formats/csv_cells.h"
#include "core/formats/csv_rows.h"
#include "core/formats/json_user.h"
#include "core/formats/own_readers.h"
#include "core/formats/record_fields.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

constexpr std::string_view attribute_prefix = "attributes.";

struct Column {
    std::string name;
    const RecordField* field = nullptr;
    std::string attribute; // of "attributes.KEY"; with no field either, the column is passed over
};

Result<Column> parse_column(std::string_view name) {
    Column column{std::string(name), nullptr, {}};
    if (const std::size_t index = find_field(name, 0); index != std::string_view::npos)
        column.field = &record_fields()[index];
    else if (name.starts_with(attribute_prefix) && name.size() > attribute_prefix.size())
        column.attribute = name.substr(attribute_prefix.size());
    else if (!is_read_only_field(name))
        return fail(unknown_field("column", name));
    return column;
}

Result<std::vector<Column>> parse_header(const CsvRow& row) {
    std::vector<Column> columns;
    std::vector<std::string_view> names;
    for (const CsvRow::Cell& cell : row.cells) {
        if (!valid_utf8(cell.text))
            return fail(ErrorCode::usage, "the header is not valid UTF-8");
        AUTH_TRY(Column column, parse_column(cell.text));
        columns.push_back(std::move(column));
        names.push_back(cell.text);
    }
    std::sort(names.begin(), names.end());
    const auto twice = std::adjacent_find(names.begin(), names.end());
    if (twice != names.end())
        return fail(ErrorCode::usage,
                    fmt::format("the column {} stands twice in the header", in_quotes(*twice)));
    if (!std::binary_search(names.begin(), names.end(), "email"))
        return fail(ErrorCode::usage, "the header names no column 'email'",
                    "the first row of a CSV file names its columns, like email,name,roles");
    return columns;
}

// Puts one cell where its column belongs.
struct CellPlacer {
    std::string_view name;
    std::string_view text;
    UserRecord& record;
    JsonUserParser& json;

    Status operator()(std::string UserRecord::*place) const {
        record.*place = text;
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
            const std::size_t end = std::min(rest.find(';'), rest.size());
            const std::string_view padded = rest.substr(0, end);
            const std::size_t begin = padded.find_first_not_of(' ');
            if (begin != std::string_view::npos)
                texts.emplace_back(padded.substr(begin, padded.find_last_not_of(' ') + 1 - begin));
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        return {};
    }
    Status operator()(std::optional<bool> UserRecord::*place) const {
        if (text != "true" && text != "false")
            return fail(unfit_field(name, fmt::format("true or false, not {}", in_quotes(text))));
        record.*place = text == "true";
        return {};
    }
    Status operator()(std::optional<Secret> UserRecord::*place) const {
        (record.*place).emplace(text);
        return {};
    }
    Status operator()(std::optional<Time> UserRecord::*place) const {
        const auto time = parse_rfc3339(text);
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
    CsvReader(ByteSource source, bool raw) : rows_(std::move(source)), raw_(raw) {}

    Status read_header() {
        AUTH_TRY(const bool more, rows_.next(row_));
        if (!more)
            return fail(ErrorCode::usage, "the file is empty: no row names the columns");
        AUTH_TRY(columns_, parse_header(row_));
        return {};
    }

    Result<bool> next(UserRecord& record) override {
        AUTH_TRY(const bool more, rows_.next(row_));
        if (!more)
            return false;
        record = UserRecord();
        record.line = row_.line;
        if (Status placed = place_cells(record); !placed)
            mark_failed(record, std::move(placed).error());
        return true;
    }

  private:
    Status place_cells(UserRecord& record) {
        if (row_.cells.size() != columns_.size())
            return fail(ErrorCode::usage, fmt::format("the row has {} cells, the header names {}",
                                                      row_.cells.size(), columns_.size()));
        std::string attributes;
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            const CsvRow::Cell& cell = row_.cells[i];
            const Column& column = columns_[i];
            if (!cell.given)
                continue;
            if (!valid_utf8(cell.text))
                return fail(unfit_field(column.name, "valid UTF-8"));
            const std::string_view text = raw_ ? cell.text : with_formula(cell.text);
            if (column.field != nullptr)
                AUTH_CHECK(
                    std::visit(CellPlacer{column.name, text, record, json_}, column.field->place));
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
    std::vector<Column> columns_;
    JsonUserParser json_;
    bool raw_;
};

} // namespace

Result<std::unique_ptr<UserReader>> open_csv(ByteSource source, bool raw) {
    auto reader = std::make_unique<CsvReader>(std::move(source), raw);
    AUTH_CHECK(reader->read_header());
    return reader;
}

} // namespace auth
