// A subject's own change of password: proved by the old one, ends every session but opens a new
// one.
#pragma once

#include "core/tokens/session.h"

namespace auth {

// Fails as authenticate, usage or refused. The old password's failures count on the ladder.
[[nodiscard]] Result<Grant> change_own_password(Realm& realm, std::string_view user_id,
                                                const Secret& current, const Secret& wanted);

} // namespace auth
