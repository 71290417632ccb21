// What only a database in a file can do.
#pragma once

#include "cli/world/world.h"

#include <string_view>

namespace auth {

// Fails with refused, reason not_a_file, where --db names a server; `instead` is the command of
// PostgreSQL's own that does `what`, and is followed by the URL.
[[nodiscard]] Status require_file_database(const World& world, std::string_view what,
                                           std::string_view instead);

} // namespace auth
