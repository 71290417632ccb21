// The person's browser, by xdg-open.
#pragma once

#include "adapters/system/system_process.h"
#include "core/ports/loopback.h"

namespace auth {

// Runs the xdg-open that PATH names, with the address as its one argument and without a shell, as a
// process of its own that nobody waits for.
[[nodiscard]] OpenBrowser browser_with(const Inheritance& found);

} // namespace auth
