#include "core/sessions/token_session.h"

#include "core/sessions/refresh_token.h"
#include "core/sessions/sessions_table.h"
#include "core/users/users_table.h"

namespace auth {

Result<std::optional<Session>> session_of(Realm& realm, const Secret& token) {
    std::string id;
    if (token.reveal().find('.') == std::string_view::npos) {
        AUTH_TRY(const RefreshClaims claims, read_refresh_token(realm, token));
        id = claims.session_id;
    } else {
        AUTH_TRY(const Token access, read_access_token(realm, token.reveal()));
        id = session_id(access);
    }
    return sessions_table::find(realm.database, id);
}

Result<std::optional<Session>> session_of(Realm& realm, const StoredLogin& login) {
    auto by_access = session_of(realm, login.access_token);
    if (by_access || !login.refresh_token)
        return by_access;
    auto by_refresh = session_of(realm, *login.refresh_token);
    return by_refresh ? by_refresh : by_access;
}

bool end_live_session(Realm& realm, const Session& session, std::string_view reason) {
    const auto user = users_table::find_by_id(realm.database, session.user_id);
    return user && session_state(session, *user, realm.now()) == SessionState::live &&
           end_session(realm, session.id, reason);
}

} // namespace auth
