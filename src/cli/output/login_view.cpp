#include "cli/output/login_view.h"

#include "cli/output/user_view.h"
#include "core/accounts/lockout.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace auth {

Json login_document(Realm& realm, const User& user, const Session& session, Time expires,
                    const std::string& token_file, bool may_wait) {
    return {
        {"schema", "auth-cli.login/1"},
        {"user", user_record(user, may_wait ? locked_until(realm, user.email_key) : std::nullopt)},
        {"session",
         {{"id", session.id},
          {"expires_at", to_rfc3339(session.expires_at)},
          {"idle_expires_at", to_rfc3339(session.idle_expires_at())}}},
        {"token_type", "Bearer"},
        {"expires_in", (expires - realm.now()).count()},
        {"expires_at", to_rfc3339(expires)},
        {"token_file", or_null(token_file)}};
}

std::string token_expires(World& world, Time expires, const std::string& token_file) {
    const std::string place =
        token_file.empty() ? "" : fmt::format(" in {}", printable(token_file));
    return fmt::format("the token{} expires {}", place,
                       world.streams.err_is_terminal ? relative(expires, world.clock().now())
                                                     : to_rfc3339(expires));
}

Reply login_reply(World& world, Realm& realm, const Grant& grant, const std::string& token_file,
                  bool tokens) {
    Reply reply;
    reply.document = login_document(realm, grant.user, grant.session, grant.access_expires_at,
                                    token_file, grant.may_wait);
    // A dry run opens no session, so nothing that would pass for one is handed out.
    if (tokens && !world.dry_run) {
        reply.document["access_token"] = grant.access_token.reveal();
        reply.document["refresh_token"] = or_null(grant.refresh_token.reveal());
        reply.text = std::string(grant.access_token.reveal()) + "\n";
    }
    reply.note = fmt::format("logged in as {}; {}", printable(grant.user.email),
                             token_expires(world, grant.access_expires_at, token_file));
    return reply;
}

} // namespace auth
