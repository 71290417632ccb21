#include "cli/output/user_view.h"
#include "commands/mfa/mfa_actor.h"
#include "commands/registry.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace auth {
namespace {

std::string words_of(const FactorChange& change) {
    const std::string email = printable(change.user.email);
    if (!change.changed)
        return fmt::format("{} has no second factor", email);
    if (change.user.must_change_password)
        return fmt::format("removed the second factor of {}; the password, which may be too short"
                           " alone, must be changed",
                           email);
    return fmt::format("removed the second factor of {}", email);
}

Result<Reply> run(World& world, const MfaActorOptions& options) {
    AUTH_TRY(const MfaActor actor, find_mfa_actor(world, options, Demand::factor));
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const FactorChange change, disable_factor(realm, actor.user, actor.proof));
    return user_reply(realm, change.user, {.changed = change.changed, .note = words_of(change)});
}

Action bind(Flags& flags) {
    auto options = std::make_shared<MfaActorOptions>();
    flags.optional_argument("EMAIL", options->email,
                            "whose second factor; default: who is logged in");
    options->bind(flags, true);
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command mfa_disable_command{
    .path = "mfa disable",
    .group = "Second factor",
    .summary = "Remove the second factor: by one of its codes, or as operator",
    .examples = "auth-cli create ann@example.org --no-password --verified\n"
                "auth-cli mfa disable ann@example.org",
    .mutates = true,
    .bind = bind,
    .fields = fields::user_mutation,
    .for_subjects = true,
    .subject_flags = "--password-stdin --password-file --totp --recovery-code",
};

} // namespace auth
