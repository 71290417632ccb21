// The listener that a browser is sent back to.
#pragma once

#include "core/ports/loopback.h"

namespace auth {

// Listens on that port of 127.0.0.1, for 0 an ephemeral one, and on the same of ::1 where the
// machine has IPv6.
[[nodiscard]] Result<std::unique_ptr<Loopback>> listen_on_loopback(int wanted);

} // namespace auth
