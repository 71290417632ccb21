#include "cli/input/ask.h"
#include "cli/input/factor_source.h"
#include "cli/output/user_view.h"
#include "commands/registry.h"
#include "core/accounts/verification.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace auth {
namespace {

struct Options {
    std::string email;
    std::string code;
    PasswordSource password;
    FactorSource factor;
    bool resend = false;
    bool by_operator = false;
};

Result<Reply> run_resend(World& world, const UserRef& ref) {
    AUTH_TRY(auto& realm, world.realm());
    AUTH_CHECK(resend_verification(realm, ref));
    return request_reply(ref, "verify",
                         fmt::format("if {} is waiting to be verified, a new code is on its way",
                                     printable(to_text(ref))));
}

std::string done_words(const Verified& verified) {
    const std::string email = printable(verified.user.email);
    if (!verified.changed)
        return fmt::format("{} is already verified", email);
    std::string words = fmt::format("verified {}", email);
    if (verified.dropped.password)
        words += "; the password that was set before is removed";
    if (verified.dropped.factor)
        words += "; the second factor that was set up before is removed";
    return words;
}

// What the person set up before and can prove now, so that it stays.
Result<AskKept> ask_kept(World& world, const Options& options) {
    if (options.factor.given() && !options.password.given() && !world.interactive())
        return fail(
            error(ErrorCode::usage, "a code of the second factor needs the password as well")
                .with_field("password")
                .with_hint("give it with --password-stdin or --password-file"));
    AskKept ask;
    AUTH_TRY(ask.factor, ask_own_factor(world, options.factor));
    if (options.password.given()) {
        AUTH_TRY(Secret password, ask_password(world, options.password));
        const auto kept = std::make_shared<Secret>(std::move(password));
        ask.password = [kept] { return Result<std::optional<Secret>>(kept->copy()); };
    } else if (world.interactive()) {
        ask.password = [&world]() -> Result<std::optional<Secret>> {
            AUTH_TRY(Secret typed, world.terminal().ask_secret(
                                       "Password of the account, to keep it (empty: none): "));
            if (typed.empty())
                return std::optional<Secret>();
            return std::optional(std::move(typed));
        };
    }
    return ask;
}

Result<Reply> run_by_operator(World& world, const UserRef& ref) {
    AUTH_CHECK(world.require_operator("--by-operator"));
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const Verified verified, verify_by_operator(realm, ref));
    return user_reply(realm, verified.user,
                      {.changed = verified.changed, .note = done_words(verified)});
}

Result<Reply> run(World& world, const Options& options) {
    AUTH_TRY(const UserRef ref, parse_user_ref(options.email));
    if (options.resend)
        return run_resend(world, ref);
    if (options.by_operator)
        return run_by_operator(world, ref);
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const Secret code,
             ask_code(world, options.code, "the argument CODE, or get a new one with --resend"));
    AUTH_TRY(const AskKept ask, ask_kept(world, options));
    AUTH_TRY(const Verified verified, verify_user(realm, ref, code, ask));
    Mutation mutation{.changed = verified.changed, .note = done_words(verified)};
    if (verified.dropped.password)
        mutation.next.push_back(NextStep{"reset", {verified.user.email_key}});
    return user_reply(realm, verified.user, std::move(mutation));
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.argument("EMAIL", options->email, "whose address");
    flags.optional_argument("CODE", options->code, "the mailed code, or - for stdin");
    flags.flag("--resend", options->resend, "mail a new code in place of the old");
    flags.flag("--by-operator", options->by_operator, "no code needed");
    flags.exclusive({"CODE", "--resend", "--by-operator"});
    options->password.bind(flags, false);
    options->factor.bind(flags);
    for (const char* kept : {"--password-stdin", "--password-file", "--totp", "--recovery-code"})
        for (const char* other : {"--resend", "--by-operator"})
            flags.exclusive({kept, other});
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command verify_command{
    .path = "verify",
    .group = "Users",
    .summary = "Verify an address by its mailed code",
    .examples = "auth-cli create ann@example.org --no-password\n"
                "CODE=$(auth-cli outbox show --latest --to ann@example.org --field code)\n"
                "auth-cli verify ann@example.org \"$CODE\"",
    .mutates = true,
    .bind = bind,
    .fields = fields::user_or_request,
    .for_subjects = true,
    .subject_flags = "--resend",
};

} // namespace auth
