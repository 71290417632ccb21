// Using the login of a profile: it is checked, and renewed by its refresh token. Renewals of one
// token file wait for each other, whichever process wants them.
#pragma once

#include "core/sessions/access.h"
#include "core/sessions/token_file.h"

#include <optional>

namespace auth {

// login_required: no login is stored there.
[[nodiscard]] Error nobody_logged_in(const TokenFiles& files);

struct StoredAccess {
    Access access;
    Secret token; // the access token as it now stands
};

// Checks the stored login, and renews it where that is due: when it was not renewed for a sixtieth
// of its idle limit, has expired, or its key no longer vouches for it. `look` never renews and
// never writes. Fails with login_required, or as check_access.
enum class Use { look, renew };
[[nodiscard]] Result<StoredAccess> use_login(Realm& realm, const TokenFiles& files, Use use);

// Several who want a renewal at once want one: a login renewed this long before they asked is not
// renewed again, unless another key signs now.
inline constexpr Seconds fresh_for{5};

// Renews the stored login; with `if_under` only where less of the token's life is left. Fails with
// login_required, refused (reason no_refresh_token), or as renew.
struct Refreshed {
    StoredAccess login;
    bool changed = false;
};
[[nodiscard]] Result<Refreshed> refresh_login(Realm& realm, const TokenFiles& files,
                                              std::optional<Seconds> if_under);

} // namespace auth
