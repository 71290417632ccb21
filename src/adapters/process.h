// This process: its streams, its user, its protection.
#pragma once

#include "core/base/process.h"

namespace auth {

// umask 077, no core dumps, no ptrace by others, SIGPIPE as an error of write().
void protect_process();
[[nodiscard]] Streams standard_streams();
[[nodiscard]] Surroundings surroundings();

} // namespace auth
