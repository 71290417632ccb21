#include "core/sessions/token_session.h"

#include "core/sessions/access.h"
#include "core/sessions/refresh_token.h"
#include "core/sessions/sessions_table.h"
#include "core/users/users_table.h"

namespace auth {

Result<std::optional<Session>> session_of(Realm& realm, const Secret& token) {
    if (token.reveal().find('.') == std::string_view::npos) {
        AUTH_TRY(const RefreshClaims claims, read_refresh_token(realm, token));
        return sessions_table::find(realm.database, claims.session_id);
    }
    TokenJudge judge(realm, own_question(realm.settings, TokenUse::end, realm.now()));
    AUTH_TRY(Judgment judged, judge.judge(token.reveal()));
    if (!judged.verdict.valid())
        return fail(refusal(std::move(judged.verdict), TokenUse::end));
    return std::move(judged.holder->session);
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
