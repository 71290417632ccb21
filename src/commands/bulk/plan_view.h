// What a manifest changes, as a diff and as JSON.
#pragma once

#include "core/base/json.h"
#include "core/provisioning/change.h"

#include <string>
#include <vector>

namespace auth {

// "+ user ann@example.org", with the fields below it; "~" and "-" for what is there already.
[[nodiscard]] std::string plan_text(const std::vector<Change>& changes, bool coloured);
// "3 created, 1 updated, 2 deleted"; "" for no changes.
[[nodiscard]] std::string plan_summary(const std::vector<Change>& changes);
// The records of auth-cli.plan/1: action, kind, name and fields.
[[nodiscard]] Json plan_records(const std::vector<Change>& changes);

} // namespace auth
