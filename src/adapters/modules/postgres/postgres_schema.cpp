#include "adapters/modules/postgres/postgres_schema.h"

#include "core/base/text.h"
#include "core/store/copy_table.h"

#include <fmt/format.h>

#include <array>
#include <utility>

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
    FROM pg_catalog.pg_trigger JOIN tables ON tables.oid = tgrelid
    JOIN pg_catalog.pg_proc ON pg_proc.oid = tgfoid
    WHERE NOT tgisinternal AND encode(sha256(convert_to(concat_ws(chr(10), tgname, relname, tgtype,
        tgdeferrable, tginitdeferred, tgenabled, tgargs, (SELECT string_agg(attname, ',' ORDER BY
        attname) FROM pg_catalog.pg_attribute WHERE attrelid = tgrelid AND attnum = ANY (tgattr)),
        pg_get_expr(tgqual, tgrelid), CAST(pronamespace AS regnamespace), proname, prosecdef,
        proconfig, prosrc), 'UTF8')), 'hex') NOT IN ({1})
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
            AND pg_get_expr(polqual, polrelid) IN (SELECT format(shape,
                    '(' || CASE relname WHEN 'users' THEN 'id' ELSE 'user_id' END ||
                    ' = current_setting(''auth_cli.subject''::text, true))')
                FROM (VALUES ('attempts', '((user_id IS NULL) OR %s)'),
                    ('outbox', '(%s AND (kind = ''notice''::text))'), (relname, '%s'))
                    AS shapes (name, shape) WHERE name = relname)
        ELSE false END, false)
UNION ALL
    SELECT format('%s ''%s''', CASE relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
        WHEN 'f' THEN 'foreign table' ELSE 'relation' END, relname)
    FROM ours WHERE relkind <> 'r' AND relname IN ({0})
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
    WHERE nspname = 'auth_cli' AND (NOT pg_has_role(proowner, nspowner, 'MEMBER')
        OR proname IN ({2}) AND encode(sha256(convert_to(concat_ws(chr(10), proname,
            pg_get_function_identity_arguments(pg_proc.oid), prosecdef, proconfig, prosrc), 'UTF8')),
            'hex') NOT IN ({3})))
SELECT string_agg(DISTINCT translate(what, chr(10), ' '), chr(10)) FROM found)";

// What examples/postgres-roles.sql makes besides policies, as the query above digests it. A changed
// file adds digests: databases on which it was not run again go on. What the file makes now,
// tests/system/postgres_roles_test.py prints where it is missing here.
constexpr auto our_triggers = std::to_array<std::string_view>({
    "0340b0135b502a254033e8a53d6c9f9b46cfc9546dd2358a53b36a42b63b7b75",
    "188d059e2bc38eb6b76cfa447818e6397711dfa6180db460e6dc54eec841fdd6",
    "2711434eb68377f51c8d477fb655d3dc28fb4d199db735d59a67de319dd290ef",
    "60f901d0ef3c147ce8fec50782f2d4a7665fdbaa3a96539fd32da8a19dae394c",
    "a3af76db745773c9b0952749ac2f4e360c205d33595002281559ee7b11074f93",
    "d8956c3d17512e22ae83f0f7da558268a03255fa03c50482ed4ad116fc279d8b",
    "5ff857edbb3fea5c290ef23abfcc04188830a40c7425a8aac7831d9544956189",
    "329a342e691fbab4d8d05469e1270891699c7c147bec6c40a1455186f027bfd3",
    "9332c3da832a0a2ebdafedc741c97181bd133ebbbe6727b504ea56ae06a093d4",
    "8309b37958a73afa28ee1df857087c3469f8d58d5ddf2e199257c4ed502c3ee9",
    "ec0716a66b3f5331f641702010719142b804146b38db9c141cc4027bad434f57",
    "06255991e5698ca0c0ce55b53e5ed4f82d32a7a76137ba2d37dfe2be7ad75674",
    "9b37d2ad1903fdac7425df05925c60bf90eab501125b2c0837760de9d2782ec0",
});
constexpr auto our_functions = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"approach", "9cd98afbebd23255684b130a08688ebe490fe990de3c34adbaebbedc8c9d9cf4"},
    {"is_now", "73baa253a28c3f57f8aad6ec83fb1935ccbfbd89906387ed73c2f13a2a6bd651"},
    {"logged_in_now", "657f2b5ac4768669367098e7e82714fcfe3222ecab258c2b2cd99bae3b7c8856"},
    {"made_now", "2b25277b7a57c02289fac3e47d089b3748b07b06a5c73c12c7ea34bc80f1a21c"},
    {"recorded_now", "be7d23cb7afe2baabe51133cb23f129e79c91d475a22debcf35fc9be3873f077"},
    {"refuse_login_role", "c65552da4c4f3fdd7e0320ca18183d699cf6fced8970ad7a336c831311cc6ac9"},
    {"seconds_now", "511e734e103b09e238c503d2bbe389fbfe778ad4ca71acfb93fd8cb7979cb319"},
    {"seconds_of", "b531e8671295f99d7d44e450d52c8af7ae401148934700d01c5b74c0b8263ffe"},
});

} // namespace

std::string foreign_code_query() {
    std::string tables = "'schema_version', 'write_lock'";
    for (const std::string_view table : copy_table::tables())
        tables += fmt::format(", '{}'", table);
    std::string names;
    std::string functions;
    for (const auto& [name, digest] : our_functions) {
        names += fmt::format("{}'{}'", names.empty() ? "" : ", ", name);
        functions += fmt::format("{}'{}'", functions.empty() ? "" : ", ", digest);
    }
    return fmt::format(foreign_code_text, tables,
                       fmt::format("'{}'", fmt::join(our_triggers, "', '")), names, functions);
}

std::vector<std::string> foreign_code(std::string_view lines) {
    std::vector<std::string> out;
    for (const std::string& line : split(lines, '\n'))
        if (!line.empty())
            out.push_back(printable(line));
    return out;
}

} // namespace auth
