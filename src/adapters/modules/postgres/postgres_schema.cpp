#include "adapters/modules/postgres/postgres_schema.h"

#include "core/base/text.h"
#include "core/store/copy_table.h"

#include <fmt/format.h>

namespace auth {
namespace {

constexpr std::string_view foreign_code_text = R"(
WITH ours AS MATERIALIZED (
    SELECT oid, relname, relkind FROM pg_catalog.pg_class
    WHERE relnamespace = CAST('auth_cli' AS regnamespace)),
tables AS (SELECT oid, relname FROM ours WHERE relkind IN ('r', 'p')),
calls AS MATERIALIZED (
    SELECT classid, objid FROM pg_catalog.pg_depend
    WHERE refclassid = CAST('pg_catalog.pg_proc' AS regclass)),
found (what) AS (
    SELECT format('trigger ''%s'' on %s', tgname, relname)
    FROM pg_catalog.pg_trigger JOIN tables ON tables.oid = tgrelid WHERE NOT tgisinternal
UNION ALL
    SELECT format('rule ''%s'' on %s', rulename, relname)
    FROM pg_catalog.pg_rewrite JOIN tables ON tables.oid = ev_class
UNION ALL
    SELECT format('policy ''%s'' on %s', polname, relname)
    FROM pg_catalog.pg_policy JOIN tables ON tables.oid = polrelid
    WHERE NOT coalesce(polcmd = '*' AND polpermissive AND polwithcheck IS NULL AND CASE polname
        WHEN 'everything' THEN polroles = ARRAY[CAST(to_regrole('auth_operator') AS oid)]
            AND pg_get_expr(polqual, polrelid) = 'true'
        WHEN 'one_user' THEN polroles = ARRAY[CAST(to_regrole('auth_login') AS oid)]
            AND pg_get_expr(polqual, polrelid) = format(
                '(%s = current_setting(''auth_cli.subject''::text, true))',
                CASE relname WHEN 'users' THEN 'id' ELSE 'user_id' END)
        ELSE false END, false)
UNION ALL
    SELECT format('%s ''%s''', CASE relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
        WHEN 'f' THEN 'foreign table' ELSE 'relation' END, relname)
    FROM ours WHERE relkind <> 'r' AND relname IN ({})
UNION ALL
    SELECT format('table ''%s'' that inherits from %s', CAST(inhrelid AS regclass), relname)
    FROM pg_catalog.pg_inherits JOIN tables ON tables.oid = inhparent
UNION ALL
    SELECT format('default of %s', relname)
    FROM calls JOIN pg_catalog.pg_attrdef ON pg_attrdef.oid = objid
    JOIN tables ON tables.oid = adrelid WHERE classid = CAST('pg_catalog.pg_attrdef' AS regclass)
UNION ALL
    SELECT format('constraint ''%s'' on %s', conname, relname)
    FROM calls JOIN pg_catalog.pg_constraint ON pg_constraint.oid = objid
    JOIN tables ON tables.oid = conrelid
    WHERE classid = CAST('pg_catalog.pg_constraint' AS regclass)
UNION ALL
    SELECT format('index ''%s'' on %s', CAST(indexrelid AS regclass), relname)
    FROM calls JOIN pg_catalog.pg_index ON indexrelid = objid
    JOIN tables ON tables.oid = indrelid WHERE classid = CAST('pg_catalog.pg_class' AS regclass)
UNION ALL
    SELECT format('function ''%s'' of %s', proname, pg_get_userbyid(proowner))
    FROM pg_catalog.pg_proc JOIN pg_catalog.pg_namespace ON pg_namespace.oid = pronamespace
    WHERE nspname = 'auth_cli' AND NOT pg_has_role(proowner, nspowner, 'MEMBER'))
SELECT string_agg(DISTINCT translate(what, chr(10), ' '), chr(10)) FROM found)";

} // namespace

std::string foreign_code_query() {
    std::string names = "'schema_version', 'write_lock'";
    for (const std::string_view table : copy_table::tables())
        names += fmt::format(", '{}'", table);
    return fmt::format(foreign_code_text, names);
}

std::vector<std::string> foreign_code(std::string_view lines) {
    std::vector<std::string> out;
    for (const std::string& line : split(lines, '\n'))
        if (!line.empty())
            out.push_back(printable(line));
    return out;
}

} // namespace auth
