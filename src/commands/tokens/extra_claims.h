// Claims that a person adds to a token.
#pragma once

#include "cli/flags.h"
#include "core/base/json.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace auth {

// --claim, which may be repeated.
void bind_extra_claims(Flags& flags, std::vector<std::string>& words);
// Of words like "name=text" and "name:=JSON". Fails with usage, field "claim".
[[nodiscard]] Result<Json> extra_claims(const std::vector<std::string>& words);

} // namespace auth
