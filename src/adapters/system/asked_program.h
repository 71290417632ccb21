// Programs that are asked something on their stdin, and answer by their exit code.
#pragma once

#include "adapters/system/system_process.h"
#include "core/ports/process.h"

namespace auth {

// Programs find what this process was started with, not what protects it.
[[nodiscard]] AskProgram ask_program_with(const Inheritance& found);

} // namespace auth
