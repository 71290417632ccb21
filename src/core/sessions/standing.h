// Whether what a token stands for still stands: its session and its user.
#pragma once

#include "core/jose/jose.h"
#include "core/realm.h"

#include <optional>

namespace auth {

// By the claims of a token that this database signed: code "revoked" where the session or the
// user's access was ended, whenever that was; "expired" where the session's time is over at `at`.
[[nodiscard]] std::optional<Problem> check_standing(Realm& realm, const Json& claims, Time at);

} // namespace auth
