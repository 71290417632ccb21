// Commands that take one argument, and hand it to what they do.
#pragma once

#include "cli/command.h"

#include <string>

namespace auth {

using RunOnArgument = Result<Reply> (*)(World& world, const std::string& argument);

[[nodiscard]] Action bind_argument(Flags& flags, const char* name, const char* help,
                                   RunOnArgument run);
// "" where it is not given.
[[nodiscard]] Action bind_optional_argument(Flags& flags, const char* name, const char* help,
                                            RunOnArgument run);

} // namespace auth
