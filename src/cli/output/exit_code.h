// The one table from failure kinds to their stable names and exit codes.
#pragma once

#include "core/base/result.h"

#include <span>
#include <string_view>

namespace auth {

struct ErrorName {
    ErrorCode code;
    std::string_view name;
    int exit;
    std::string_view meaning;
};

[[nodiscard]] std::span<const ErrorName> error_names();
[[nodiscard]] std::string_view to_name(ErrorCode code);
[[nodiscard]] int exit_code(ErrorCode code);

} // namespace auth
