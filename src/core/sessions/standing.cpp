#include "core/sessions/standing.h"

#include "core/sessions/sessions_table.h"

namespace auth {

std::optional<Problem> check_standing(Realm& realm, const Json& claims, Time at) {
    const auto found = sessions_table::find_listed(realm.database, text_member(claims, "sid"));
    if (!found || found->session.user_id != text_member(claims, "sub"))
        return Problem{"revoked", "sid", "the session was ended"};
    switch (session_state(found->session, found->user_epoch, found->user_disabled, at)) {
    case SessionState::live:
        return std::nullopt;
    case SessionState::idle:
    case SessionState::expired:
        return Problem{"expired", "sid", "the session has ended"};
    case SessionState::revoked:
    case SessionState::ended:
        break;
    }
    if (found->user_disabled)
        return Problem{"revoked", "sub", "the user is disabled"};
    return Problem{"revoked", "sid", "the session was ended"};
}

} // namespace auth
