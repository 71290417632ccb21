// The pager of the terminal.
#pragma once

#include "core/base/pager.h"

namespace auth {

[[nodiscard]] Pagers terminal_pagers();

} // namespace auth
