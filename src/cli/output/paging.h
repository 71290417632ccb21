// Long lists on a terminal go through the reader's pager.
#pragma once

#include "cli/output/output.h"
#include "cli/world/world.h"

namespace auth {

// As show(), but what is longer than the terminal is read by PAGER, or less.
[[nodiscard]] int show_paged(Reply& reply, const OutputOptions& options, World& world);

} // namespace auth
