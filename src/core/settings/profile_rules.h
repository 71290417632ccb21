// Which profile is used in which directory: the setting profile_rules.
#pragma once

#include "core/base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace auth {

struct ProfileRule {
    // Absolute, or "~" with what follows it; as written. The rule is for all that is in it.
    std::string directory;
    std::string profile;
};

// A JSON array: [{"directory": "~/jobs/", "profile": "work"}]. Fails with usage.
[[nodiscard]] Result<std::vector<ProfileRule>> parse_profile_rules(std::string_view json);
[[nodiscard]] std::string to_text(const std::vector<ProfileRule>& rules);

} // namespace auth
