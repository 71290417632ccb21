// A quick look before foreign_code_query(), which costs a server that has just begun as much as
// five logins.
#pragma once

#include <string_view>

namespace auth {

// A query for one truth value: false where foreign_code_query() would find nothing. Roles as in
// examples/postgres-roles.sql are worth the longer look.
inline constexpr std::string_view schema_suspicion_query = R"(
SELECT EXISTS (SELECT FROM pg_catalog.pg_class
        WHERE relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = 'auth_cli')
        AND (relkind NOT IN ('r', 'i', 'S') OR relkind = 'r' AND (relhasrules OR relhassubclass)))
    OR EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE NOT tgisinternal)
    OR EXISTS (SELECT FROM pg_catalog.pg_policy)
    OR EXISTS (SELECT FROM pg_catalog.pg_depend
        WHERE refclassid = CAST('pg_catalog.pg_proc' AS regclass) AND classid IN
        (CAST('pg_catalog.pg_attrdef' AS regclass), CAST('pg_catalog.pg_constraint' AS regclass),
         CAST('pg_catalog.pg_class' AS regclass)))
    OR EXISTS (SELECT FROM pg_catalog.pg_depend
        WHERE refclassid = CAST('pg_catalog.pg_namespace' AS regclass)
        AND classid = CAST('pg_catalog.pg_proc' AS regclass)
        AND refobjid = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = 'auth_cli')
        AND (SELECT proowner FROM pg_catalog.pg_proc WHERE oid = objid) IS DISTINCT FROM
            (SELECT nspowner FROM pg_catalog.pg_namespace WHERE nspname = 'auth_cli')))";

} // namespace auth
