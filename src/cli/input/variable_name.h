// Names of environment variables that a user chooses.
#pragma once

#include "core/base/result.h"

#include <string_view>

namespace auth {

// A name that every shell can use for an environment variable (POSIX.1-2017 XBD 3.235). Fails with
// usage, field "env".
[[nodiscard]] Status check_variable_name(std::string_view name);

} // namespace auth
