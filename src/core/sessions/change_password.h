// A subject's own change of password, proved by the old one and the second factor. It ends every
// session, and is the way out of must_change_password; then the new one must differ.
#pragma once

#include "core/sessions/session.h"

namespace auth {

// Opens a new session. Fails as prove_login, usage or refused. The old password's failures count on
// the ladder.
[[nodiscard]] Result<Grant> change_own_password(Realm& realm, const UserRef& ref,
                                                const Secret& current, const Secret& wanted,
                                                const AskFactor& ask = {},
                                                std::optional<Seconds> ttl = std::nullopt);
// Opens none, so that mfa.required does not matter.
[[nodiscard]] Result<User> set_own_password(Realm& realm, const UserRef& ref, const Secret& current,
                                            const Secret& wanted, const AskFactor& ask = {});

} // namespace auth
