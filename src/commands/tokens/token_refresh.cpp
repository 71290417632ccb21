#include "cli/input/stored_login.h"
#include "cli/output/login_view.h"
#include "commands/registry.h"

#include <fmt/format.h>

namespace auth {
namespace {

// Why the login was left as it is.
std::string unchanged(const Access& access, Time now, bool enough_left) {
    if (enough_left)
        return fmt::format("not renewed: {} left", to_text(access.expires_at - now));
    return fmt::format("already renewed {} ago", to_text(now - access.session.used_at));
}

Result<Reply> run(World& world, const std::string& if_under) {
    std::optional<Seconds> least;
    if (!if_under.empty()) {
        AUTH_TRY(least, parse_duration(if_under));
    }
    AUTH_TRY(const Refreshed refreshed, refresh_stored_login(world, least));
    const Access& access = refreshed.login.access;
    Reply reply;
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const TokenFiles files, world.places().token_files());
    const std::string file = files.token.string();
    reply.document = login_document(realm, access.user, access.session, access.expires_at, file,
                                    access.anybody_waits);
    reply.document["changed"] = refreshed.changed;
    const Time now = world.clock().now();
    const bool enough_left = least && access.expires_at - now >= *least;
    reply.note =
        fmt::format("{}; {}", refreshed.changed ? "renewed" : unchanged(access, now, enough_left),
                    token_expires(world, access.expires_at, file));
    return reply;
}

Action bind(Flags& flags) {
    auto if_under = std::make_shared<std::string>();
    flags.option("--if-under", *if_under, "DURATION",
                 "only where less of the token's life is left");
    return [if_under](World& world) { return run(world, *if_under); };
}

} // namespace

const Command token_refresh_command{
    .path = "token refresh",
    .group = "Tokens",
    .summary = "Renew the stored login now",
    .examples = "auth-cli create ann@example.org --verified --password-file password.txt --login\n"
                "auth-cli token refresh\n"
                "auth-cli token refresh --if-under 5m",
    .mutates = true,
    .bind = bind,
    .fields = fields::login_change,
    .for_subjects = true,
    .subject_flags = "--if-under",
};

} // namespace auth
