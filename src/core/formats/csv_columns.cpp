#include "core/formats/csv_columns.h"

#include "core/base/text.h"
#include "core/formats/csv_dialect.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace auth {
namespace {

constexpr std::string_view attribute_prefix = "attributes.";

// The first that is called so, by its exact name before all others.
template <class List, class NameOf>
auto find_named(const List& list, std::string_view name, NameOf name_of) {
    const auto exact = std::ranges::find(list, name, name_of);
    if (exact != list.end())
        return exact;
    return std::ranges::find_if(
        list, [&](const auto& one) { return column_key(name_of(one)) == column_key(name); });
}

const std::string& first_of(const std::pair<const std::string, std::string>& entry) {
    return entry.first;
}

Result<CsvColumn> column_of(std::string_view shown, std::string_view name) {
    CsvColumn column{std::string(shown)};
    const std::string key = column_key(name);
    if (const std::size_t index = find_field(key, 0); index != std::string_view::npos)
        column.field = &record_fields()[index];
    else if (key.starts_with(attribute_prefix) && key.size() > attribute_prefix.size())
        column.attribute = name.substr(attribute_prefix.size());
    else if (!is_read_only_field(key))
        return fail(unknown_field(
            "column", name, "--columns says which field it is, --ignore-columns leaves it out"));
    return column;
}

std::vector<std::string_view> names_of(const CsvRow& header) {
    std::vector<std::string_view> names;
    for (const CsvRow::Cell& cell : header.cells)
        names.push_back(trimmed(cell.text, white_space));
    while (!names.empty() && names.back().empty())
        names.pop_back();
    return names;
}

Error no_such_column(std::string_view name, const std::vector<std::string_view>& names) {
    return error(ErrorCode::usage, fmt::format("the file has no column {}", in_quotes(name)))
        .with_hint(
            fmt::format("its columns are {}", printable(fmt::format("{}", fmt::join(names, ", ")))))
        .with_field("columns");
}

// What --columns and --ignore-columns name has to be there.
Status check_named(const std::vector<std::string_view>& names, const ReaderOptions& options) {
    const auto is_there = [&](std::string_view wanted) {
        return std::ranges::any_of(
            names, [&](std::string_view name) { return column_key(name) == column_key(wanted); });
    };
    for (const auto& [theirs, ours] : options.columns)
        if (!is_there(theirs))
            return fail(no_such_column(theirs, names));
    for (const std::string& name : options.ignored_columns)
        if (!is_there(name))
            return fail(no_such_column(name, names));
    return {};
}

Status check_once(const std::vector<CsvColumn>& columns) {
    bool has_email = false;
    for (auto at = columns.begin(); at != columns.end(); ++at) {
        has_email = has_email || (at->field != nullptr && at->field->name == "email");
        const auto twice = std::find_if(columns.begin(), at, [&](const CsvColumn& other) {
            return (at->field != nullptr && other.field == at->field) ||
                   (!at->attribute.empty() && other.attribute == at->attribute);
        });
        if (twice != at)
            return fail(
                error(ErrorCode::usage,
                      twice->name == at->name
                          ? fmt::format("the header has the column {} twice", in_quotes(at->name))
                          : fmt::format("the columns {} and {} are the same field",
                                        in_quotes(twice->name), in_quotes(at->name)))
                    .with_field(printable(at->name)));
    }
    if (!has_email)
        return fail(ErrorCode::usage, "the header names no column 'email'",
                    "the first row of a CSV file names its columns, like email,name,roles; "
                    "--columns says which of another name is the email");
    return {};
}

} // namespace

Result<std::vector<CsvColumn>> csv_columns(const CsvRow& header, const ReaderOptions& options) {
    const std::vector<std::string_view> names = names_of(header);
    for (const std::string_view name : names) {
        if (!valid_utf8(name))
            return fail(not_utf8("the header"));
        if (name.empty())
            return fail(ErrorCode::usage, "a column within the header has no name");
    }
    AUTH_CHECK(check_named(names, options));
    std::vector<CsvColumn> columns;
    for (const std::string_view name : names) {
        const auto renamed = find_named(options.columns, name, first_of);
        const auto ignored = find_named(options.ignored_columns, name, std::identity());
        if (renamed != options.columns.end()) {
            AUTH_TRY(CsvColumn column, column_of(name, renamed->second));
            columns.push_back(std::move(column));
        } else if (ignored != options.ignored_columns.end()) {
            columns.push_back({std::string(name)});
        } else {
            AUTH_TRY(CsvColumn column, column_of(name, name));
            columns.push_back(std::move(column));
        }
    }
    AUTH_CHECK(check_once(columns));
    return columns;
}

} // namespace auth
