// What each transaction and batch sets first, and only for itself.
#pragma once

#include <string_view>

namespace auth {

// Times that the URL or the role set stay as they are.
inline constexpr std::string_view settings_text = R"(
SELECT set_config('search_path', 'auth_cli, pg_temp', true), set_config('bytea_output', 'hex', true),
set_config('standard_conforming_strings', 'on', true),
set_config('lock_timeout', coalesce(nullif(current_setting('lock_timeout'), '0'), '5s'), true),
set_config('statement_timeout', coalesce(nullif(current_setting('statement_timeout'), '0'), '30s'), true))";

// No statistics know of the rows that come: without these, the server reads whole tables to find a
// few of them.
inline constexpr std::string_view many_rows_text = R"(
SELECT set_config('statement_timeout', '0', true), set_config('enable_seqscan', 'off', true),
set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true))";

} // namespace auth
