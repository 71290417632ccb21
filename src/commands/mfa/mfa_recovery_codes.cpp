#include "commands/mfa/mfa_actor.h"
#include "commands/registry.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace auth {
namespace {

Result<Reply> run(World& world, const MfaActorOptions& options) {
    AUTH_TRY(const MfaActor actor, find_mfa_actor(world, options, Demand::factor));
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const FactorChange change, renew_recovery_codes(realm, actor.user, actor.proof));
    return recovery_codes_reply(world, change,
                                fmt::format("made new recovery codes for {}; the old ones are void",
                                            printable(change.user.email)));
}

Action bind(Flags& flags) {
    auto options = std::make_shared<MfaActorOptions>();
    flags.optional_argument("EMAIL", options->email, "whose codes; default: who is logged in");
    options->bind(flags, true);
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command mfa_recovery_codes_command{
    .path = "mfa recovery-codes",
    .group = "Second factor",
    .summary = "Make a new set of recovery codes; the old one is void",
    .examples = "echo 'otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ' > uri.txt\n"
                "auth-cli create ann@example.org --no-password --verified\n"
                "auth-cli mfa enroll ann@example.org --uri-file uri.txt --confirmed\n"
                "auth-cli mfa recovery-codes ann@example.org",
    .mutates = true,
    .bind = bind,
    .fields = fields::recovery_codes,
    .for_subjects = true,
    .subject_flags = "--password-stdin --password-file --totp --recovery-code",
};

} // namespace auth
