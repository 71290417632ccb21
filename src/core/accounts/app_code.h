// What an authenticator app would show, for test databases alone: nobody there holds the phone.
#pragma once

#include "core/base/secret.h"
#include "core/realm.h"
#include "core/users/user.h"

namespace auth {

struct AppCode {
    Secret code;
    Time expires_at; // of its step; a login accepts it for one step more
    bool pending = false;
};
// Of the user's confirmed secret, or of the pending one where there is no other or it is asked for.
// The current code, or the next one where that was used up. Fails with refused, reason
// not_a_test_database or not_enrolled.
[[nodiscard]] Result<AppCode> app_code(Realm& realm, const User& user, bool pending);

} // namespace auth
