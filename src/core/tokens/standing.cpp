#include "core/tokens/standing.h"

#include "core/tokens/sessions_table.h"

namespace auth {
namespace {

std::string claim_text(const Json& claims, const char* name) {
    const auto found = claims.find(name);
    return found != claims.end() && found->is_string() ? found->get<std::string>() : "";
}

} // namespace

std::optional<Problem> check_standing(Realm& realm, const Json& claims) {
    const auto found = sessions_table::standing(realm.database, claim_text(claims, "sid"));
    if (!found || found->session.user_id != claim_text(claims, "sub") ||
        found->session.revoked_at || found->session.epoch != found->user_epoch)
        return Problem{"revoked", "sid", "the session was ended"};
    if (found->user_disabled)
        return Problem{"revoked", "sub", "the user is disabled"};
    if (realm.now() >= found->session.idle_expires_at())
        return Problem{"expired", "sid", "the session has ended"};
    return std::nullopt;
}

} // namespace auth
