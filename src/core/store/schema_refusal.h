// Why a database is not opened that has what no migration made.
#pragma once

#include "core/base/result.h"

#include <span>
#include <string>
#include <string_view>

namespace auth {

// database_corrupt; names the first few differences, each as "trigger 'calm' on attempts".
[[nodiscard]] Error schema_refusal(std::string_view location,
                                   std::span<const std::string> differences);

} // namespace auth
