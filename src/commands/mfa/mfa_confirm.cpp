#include "commands/mfa/mfa_actor.h"
#include "commands/registry.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace auth {
namespace {

struct Options : MfaActorOptions {
    std::string code;

    // With one word it is EMAIL or CODE by its looks: a code has no "@" and no ":".
    void sort_out() {
        if (code.empty() && email.find_first_of("@:") == std::string::npos)
            std::swap(email, code);
    }
};

Result<FactorAnswer> ask_first_code(World& world, const std::string& typed) {
    if (typed == "-") {
        AUTH_TRY(const Secret text, read_secret_stdin(world, "code"));
        return parse_totp_code(text.reveal());
    }
    if (!typed.empty())
        return parse_totp_code(typed);
    if (!world.interactive())
        return fail(error(ErrorCode::input_required, "no code was given")
                        .with_field("totp")
                        .with_hint("give it with the argument CODE, or - for stdin"));
    AUTH_TRY(const Secret text, world.terminal().ask_secret("Code of your authenticator app: "));
    return parse_totp_code(text.reveal());
}

Result<Reply> run(World& world, Options options) {
    options.sort_out();
    AUTH_TRY(const MfaActor actor, find_mfa_actor(world, options, Demand::identity));
    AUTH_TRY(const FactorAnswer code, ask_first_code(world, options.code));
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const FactorChange change, confirm_totp(realm, actor.user, code, actor.is_operator()));
    return recovery_codes_reply(
        world, change,
        fmt::format("the second factor of {} is in force; keep the recovery codes, each is good"
                    " once",
                    printable(change.user.email)));
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.optional_argument("EMAIL", options->email,
                            "whose second factor; default: who is logged in");
    flags.optional_argument("CODE", options->code, "the app's first code, or - for stdin");
    options->bind(flags, false);
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command mfa_confirm_command{
    .path = "mfa confirm",
    .group = "Second factor",
    .summary = "Put the second factor in force by its first code, and show recovery codes",
    .examples = "auth-cli create ann@example.org --verified --password-file password.txt --login\n"
                "auth-cli mfa enroll --password-file password.txt --field secret > secret.txt\n"
                "oathtool --totp --base32 @secret.txt | auth-cli mfa confirm -",
    .mutates = true,
    .bind = bind,
    .fields = fields::recovery_codes,
    .for_subjects = true,
    .subject_flags = "--password-stdin --password-file",
};

} // namespace auth
