// Which rule of the config file chooses the profile, by the directory that the program is run in.
#pragma once

#include "core/ports/process.h"
#include "core/settings/profile_rules.h"

#include <optional>
#include <vector>

namespace auth {

// The rule with the longest directory that the working directory is, or is in; of equal ones the
// last. Nothing in the directories is read, and no link in a rule is followed but the home
// directory's own: what is unpacked there must not change whose login is used. The working
// directory counts with its links resolved, and if no rule fits, by the name that the shell gives
// it (PWD), as long as that leads there.
[[nodiscard]] std::optional<ProfileRule> rule_for(const std::vector<ProfileRule>& rules,
                                                  const Surroundings& surroundings);

} // namespace auth
