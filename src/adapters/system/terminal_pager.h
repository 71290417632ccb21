// The pager of the terminal.
#pragma once

#include "core/ports/pager.h"

namespace auth {

[[nodiscard]] Pagers terminal_pagers();

} // namespace auth
