// Logging a workload in by the ID token of its CI system or cluster.
#pragma once

#include "core/federation/provider.h"
#include "core/federation/workload_token.h"
#include "core/sessions/session.h"

#include <optional>

namespace auth {

// Opens a session of one token for the user of the narrowest rule that fits, with at most the
// rule's roles and life; `ttl` may shorten it. With `whose` only that user's rules count. The ID
// token is used up by that, and by nothing else. The user must be one who may log in, and whose
// login asks for nothing that a workload cannot give. Fails with refused: "no_rule", "other_user",
// "ambiguous_rule", "mfa_required", "provider_changed", and as check_may and check_factor_policy;
// with locked_out; and with invalid_token: "reused", or "expired" for one from before the database
// was restored. All of it is audited.
[[nodiscard]] Result<Grant> log_in_workload(Realm& realm, const Provider& provider,
                                            const ProvedWorkload& workload,
                                            const std::optional<UserRef>& whose,
                                            std::optional<Seconds> ttl);

} // namespace auth
