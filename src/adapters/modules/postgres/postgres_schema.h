// What others have made of our tables on a server. A trigger, a rule or a policy is code that runs
// with our rights, and nobody sees it in the rows: the database is refused for it, as a SQLite file
// is. Indexes and views, which change nothing that is read or written, are for doctor to tell.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace auth {

// A query for one text: a line for each of them, as "trigger 'calm' on attempts", or NULL. What the
// migrations make and what examples/postgres-roles.sql makes are not among them.
[[nodiscard]] std::string foreign_code_query();

// The lines of that text, without control characters.
[[nodiscard]] std::vector<std::string> foreign_code(std::string_view lines);

} // namespace auth
