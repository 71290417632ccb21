#include "cli/input/ask.h"
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
    bool resend = false;
    bool by_operator = false;
};

Result<Reply> run_resend(World& world, const UserRef& ref) {
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const auto mail, resend_verification(realm, ref));
    // Whether there is such a user, and whether the mail went out, is not the asker's business.
    world.post().send_in_background(mail);
    return request_reply(ref, "verify",
                         fmt::format("if {} is waiting to be verified, a new code is on its way",
                                     printable(to_text(ref))));
}

Result<Reply> run(World& world, const Options& options) {
    AUTH_TRY(const UserRef ref, parse_user_ref(options.email));
    if (options.resend)
        return run_resend(world, ref);
    AUTH_TRY(auto& realm, world.realm());
    Verified verified;
    if (options.by_operator) {
        AUTH_TRY(verified, verify_by_operator(realm, ref));
    } else {
        AUTH_TRY(const Secret code, ask_code(world, options.code,
                                             "the argument CODE, or get a new one with --resend"));
        AUTH_TRY(verified, verify_user(realm, ref, code));
    }
    const std::string email = printable(verified.user.email);
    return user_reply(realm, verified.user,
                      {verified.changed,
                       {},
                       {},
                       verified.changed ? fmt::format("verified {}", email)
                                        : fmt::format("{} is already verified", email)});
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.argument("EMAIL", options->email, "whose address");
    flags.optional_argument("CODE", options->code, "the mailed code, or - for stdin");
    flags.flag("--resend", options->resend, "mail a new code in place of the old");
    flags.flag("--by-operator", options->by_operator, "no code needed");
    flags.exclusive({"CODE", "--resend", "--by-operator"});
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
