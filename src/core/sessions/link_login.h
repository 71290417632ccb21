// Logging in by a mailed link.
#pragma once

#include "core/sessions/session.h"

namespace auth {

// Uses the link up, verifies the address, and opens a session, once the second factor was proved as
// well: until then the link stays good. With `whose` it must be that user's. Fails with bad_code
// for a used, replaced or unknown token, expired for a right one that is too old, refused (as
// check_may and check_factor_policy), locked_out, and as prove_factor.
[[nodiscard]] Result<Grant> log_in_by_link(Realm& realm, const Secret& token,
                                           const std::optional<UserRef>& whose,
                                           std::optional<Seconds> ttl, const AskFactor& ask);

} // namespace auth
