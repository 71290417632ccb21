// Which ID tokens of a provider for workloads log in as a user.
#pragma once

#include "core/base/clock.h"

#include <map>
#include <string>
#include <vector>

namespace auth {

// By name: what the claim must be, or with a "*" at its end how it must begin.
using ClaimPatterns = std::map<std::string, std::string>;

struct WorkloadRule {
    std::string id; // UUID; a rule is never changed, only replaced
    std::string provider;
    std::string user_id;
    ClaimPatterns claims;
    std::vector<std::string> roles; // at most these of the user's, in order of name
    Seconds ttl{0};                 // of the session
    Time created_at;
};

} // namespace auth
