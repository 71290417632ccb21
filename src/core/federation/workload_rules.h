// The rules of a provider for workloads: which of its ID tokens log in as whom.
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/realm.h"
#include "core/users/user.h"
#include "core/users/workload_rule.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

inline constexpr Seconds default_workload_ttl{900};
inline constexpr Seconds longest_workload_ttl{3600};

// Of words NAME=PATTERN. A pattern is what the claim must be, or, with one "*" at its end, after a
// ':' or '/', how it must begin: names that begin alike are none of its. "sub" must be among them,
// and say more than its first part unless another claim is named in full. Fails with usage, field
// "claim".
[[nodiscard]] Result<ClaimPatterns> parse_claim_patterns(const std::vector<std::string>& words);

// Whether each claim that is named is there as text and fits; a "*" stands for at least one byte.
[[nodiscard]] bool fits(const ClaimPatterns& patterns, const Json& claims);
// Whether all that fits the first fits the second.
[[nodiscard]] bool is_narrower(const ClaimPatterns& first, const ClaimPatterns& second);
// The rule that decides among those that fit: the one that is narrower than all others. Rules are
// never added up. Nothing where there is no such rule.
[[nodiscard]] const WorkloadRule* narrowest(const std::vector<WorkloadRule>& rules);

struct NewWorkloadRule {
    std::string provider;
    std::vector<std::string> claims; // as parse_claim_patterns
    std::vector<RoleName> roles{};   // of those that the user has
    Seconds ttl = default_workload_ttl;
};

struct Allowed {
    WorkloadRule rule;
    User user;
};
// Fails with usage; not_found: provider, user or role; refused: as check_for_workloads, or reason
// role_not_held; and exists where the provider has a rule of the same claims.
[[nodiscard]] Result<Allowed> allow_workload(Realm& realm, const UserRef& ref,
                                             const NewWorkloadRule& wanted);
// Takes the rule away, which ends all sessions of its user. Fails with not_found.
[[nodiscard]] Result<Allowed> disallow_workload(Realm& realm, std::string_view provider,
                                                std::string_view rule_id);

} // namespace auth
