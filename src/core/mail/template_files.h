// A directory of templates that replace built-in ones.
#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace auth {

// DIRECTORY/NAME, or nothing where there is no such file. Fails with usage where it cannot be read,
// holds more than 64 KiB or is not UTF-8.
[[nodiscard]] Result<std::optional<std::string>>
read_template(const std::filesystem::path& directory, std::string_view name);

} // namespace auth
