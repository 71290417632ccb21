// Ctrl-Z, which has to wait while others wait for what this process holds.
#pragma once

#include <memory>

namespace auth {

// While what it returns lives, no terminal stops the process, whichever of its threads the signal
// meets. SIGTSTP that came meanwhile stops it afterwards.
[[nodiscard]] std::shared_ptr<void> hold_terminal_stops();

} // namespace auth
