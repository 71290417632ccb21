// YAML by yaml-cpp, which lives in the module "yaml".
#pragma once

#include "core/base/json.h"

namespace auth {

// See ParseYaml. Also refuses duplicate keys, tags, more than one document, and aliases that
// unfold to more than 64 MiB.
[[nodiscard]] Result<Json> parse_yaml_module(std::string_view text);

} // namespace auth
