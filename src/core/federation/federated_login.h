// Logging in as the user whom a provider's word stands for.
#pragma once

#include "core/federation/identity.h"
#include "core/sessions/session.h"

#include <optional>

namespace auth {

// Opens a session for the user who is linked with the identity; else, where the provider vouches
// for the address and its settings allow, for the user with that address, who is linked and
// verified by that, or for a new one without a password. With `whose` it must be that user. The
// second factor is asked for as in any login. Fails with refused: "domain_not_allowed",
// "unverified_address" (nobody is made for it), "unlinked", "other_user", and as check_may and
// check_factor_policy; a user made for the first login stays even then. Fails with locked_out, and
// as prove_factor. All of it is audited.
[[nodiscard]] Result<Grant> log_in_by_provider(Realm& realm, const Provider& provider,
                                               const ProvedIdentity& identity,
                                               const std::optional<UserRef>& whose,
                                               std::optional<Seconds> ttl, const AskFactor& ask);

// The sign-in at the provider came to nothing.
void record_sign_in_failure(Realm& realm, const Provider& provider, const Error& failure);

} // namespace auth
