// The program of key_command.
#pragma once

#include "adapters/system/system_process.h"

namespace auth {

// As KeyCommand says; the program finds the process as this one found it, with stdin empty.
[[nodiscard]] KeyCommand key_command_with(const Inheritance& found);

} // namespace auth
