// What sessions look like: auth-cli.sessions/1.
#pragma once

#include "cli/command.h"
#include "core/sessions/sessions_table.h"

#include <string>
#include <vector>

namespace auth {

// `current` is the id of the stored login's session.
[[nodiscard]] Json session_record(const sessions_table::Listed& row, Time now,
                                  const std::string& current);
[[nodiscard]] List session_list();

} // namespace auth
