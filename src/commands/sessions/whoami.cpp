#include "cli/input/stored_login.h"
#include "cli/output/user_view.h"
#include "commands/registry.h"
#include "core/accounts/lockout.h"
#include "core/base/text.h"
#include "core/sessions/session.h"

#include <fmt/format.h>

namespace auth {
namespace {

struct Options {
    std::string valid_for;
    bool no_refresh = false;
};

Status check_valid_for(World& world, const Access& access, const std::string& wanted) {
    if (wanted.empty())
        return {};
    AUTH_TRY(const Seconds span, parse_duration(wanted));
    const Seconds left = access.expires_at - world.clock().now();
    if (left < span)
        return fail(ErrorCode::expired,
                    fmt::format("the token is valid for {} only", to_text(left)),
                    NextStep{"whoami"});
    return {};
}

// The profile whose login this is, and the rule that chose it; neither for a token from elsewhere.
void add_profile(World& world, Json& document) {
    const bool stored = world.surroundings.variable("AUTH_CLI_TOKEN").empty();
    const auto& rule = world.profile_rule();
    document["profile"] = or_null(stored ? world.places().profile() : "");
    document["profile_rule"] = stored && rule ? Json(rule->directory) : Json();
}

Lines lines_of(World& world, const Access& access, const std::optional<Time>& waits_until,
               const Json& document) {
    Lines lines = user_lines(world, access.user, waits_until);
    lines.emplace_back("session ends",
                       fmt::format("{}, {} if idle", show_time(world, access.session.expires_at),
                                   show_time(world, access.session.idle_expires_at())));
    if (const std::string rule = text_member(document, "profile_rule"); !rule.empty())
        lines.emplace_back("profile",
                           fmt::format("{}, by the profile rule for {}",
                                       text_member(document, "profile"), in_quotes(rule)));
    return lines;
}

Result<Reply> run(World& world, const Options& options) {
    const bool looks = options.no_refresh || world.quiet || !options.valid_for.empty();
    AUTH_TRY(const StoredAccess stored, use_stored_login(world, looks ? Use::look : Use::renew));
    const Access& access = stored.access;
    AUTH_CHECK(check_valid_for(world, access, options.valid_for));
    Reply reply;
    AUTH_TRY(auto& realm, world.realm());
    const auto waits_until =
        access.anybody_waits ? locked_until(realm, access.user.email_key) : std::nullopt;
    reply.document = user_document(access.user, waits_until);
    reply.document["session"] = {{"id", access.session.id},
                                 {"expires_at", to_rfc3339(access.session.expires_at)},
                                 {"idle_expires_at", to_rfc3339(access.session.idle_expires_at())}};
    reply.document["expires_at"] = to_rfc3339(access.expires_at);
    reply.document["expires_in"] = (access.expires_at - world.clock().now()).count();
    add_profile(world, reply.document);
    if (!world.quiet)
        reply.text = name_value_lines(lines_of(world, access, waits_until, reply.document));
    return reply;
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.option("--valid-for", options->valid_for, "DURATION",
                 "exit 5 unless the token lives that long");
    flags.flag("--no-refresh", options->no_refresh, "only look: the session is not prolonged");
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command whoami_command{
    .path = "whoami",
    .group = "Sessions",
    .summary = "Show who is logged in, and keep the session alive",
    .examples = "auth-cli create ann@example.org --verified --password-file password.txt --login\n"
                "auth-cli whoami --field email\n"
                "auth-cli whoami --valid-for 5m -q",
    .bind = bind,
    .fields = fields::whoami,
    .for_subjects = true,
    .subject_flags = "--valid-for --no-refresh",
};

} // namespace auth
