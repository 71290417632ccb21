#include "core/upkeep/foreign_objects_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth::foreign_objects_table {
namespace {

constexpr std::string_view found = R"(
WITH tables AS (
    SELECT oid, relname FROM pg_catalog.pg_class
    WHERE relnamespace = CAST('auth_cli' AS regnamespace) AND relkind IN ('r', 'p'))
SELECT 'index', relname, CAST(indexrelid AS regclass)
FROM pg_catalog.pg_index JOIN tables ON tables.oid = indrelid
WHERE NOT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint WHERE conindid = indexrelid)
UNION
SELECT CASE relkind WHEN 'm' THEN 'materialized view' ELSE 'view' END, tables.relname,
    CAST(views.oid AS regclass)
FROM pg_catalog.pg_depend JOIN tables ON tables.oid = refobjid
JOIN pg_catalog.pg_rewrite ON pg_rewrite.oid = objid
JOIN pg_catalog.pg_class AS views ON views.oid = ev_class
WHERE refclassid = CAST('pg_catalog.pg_class' AS regclass)
AND classid = CAST('pg_catalog.pg_rewrite' AS regclass) AND relkind IN ('v', 'm'))";

// Whether a migration makes an index of this name.
bool is_ours(const Database& database, std::string_view name) {
    const std::string words = fmt::format("INDEX {} ON ", name);
    return std::ranges::any_of(database.migrations(), [&](const auto& step) {
        return step.second.find(words) != std::string_view::npos;
    });
}

} // namespace

std::vector<Object> list(Database& database) {
    std::vector<Object> out;
    if (database.dialect().engine != "postgresql")
        return out;
    Statement& rows = database.prepare(
        fmt::format("SELECT kind, table_name, CAST(object AS text) FROM ({}) AS found"
                    " (kind, table_name, object) ORDER BY 1, 3, 2",
                    found));
    while (rows.step()) {
        Object object{.kind = rows.text(0), .name = rows.text(2), .table = rows.text(1)};
        if (object.kind != "index" || !is_ours(database, object.name))
            out.push_back(std::move(object));
    }
    return out;
}

} // namespace auth::foreign_objects_table
