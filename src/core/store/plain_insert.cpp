#include "core/store/plain_insert.h"

#include "core/base/broken.h"
#include "core/store/copy_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {

std::optional<PlainInsert> PlainInsert::parse(std::string_view sql) {
    constexpr std::string_view start = "INSERT INTO ";
    constexpr std::string_view middle = ") VALUES (";
    if (!sql.starts_with(start))
        return std::nullopt;
    sql.remove_prefix(start.size());
    const std::size_t open = sql.find(" (");
    const std::size_t close = sql.find(middle);
    if (open == std::string_view::npos || close == std::string_view::npos || close < open)
        return std::nullopt;
    PlainInsert insert;
    insert.table = sql.substr(0, open);
    insert.columns = sql.substr(open + 2, close - open - 2);
    insert.count = 1U + static_cast<std::size_t>(std::ranges::count(insert.columns, ','));
    const auto tables = copy_table::tables();
    insert.rank =
        static_cast<std::size_t>(std::ranges::find(tables, insert.table) - tables.begin());
    // The values are the parameters in order, one for each column, and nothing follows them.
    std::string values;
    for (std::size_t column = 1; column <= insert.count; ++column)
        values += fmt::format("{}?{}", column > 1 ? ", " : "", column);
    if (sql.substr(close + middle.size()) != values + ")")
        return std::nullopt;
    return insert;
}

PlainInsert PlainInsert::of(std::string_view sql) {
    if (auto insert = parse(sql))
        return *std::move(insert);
    bug(fmt::format("this is no plain insert: {}", sql));
}

} // namespace auth
