#include "cli/input/ask.h"
#include "cli/output/user_view.h"
#include "commands/registry.h"
#include "core/accounts/credentials.h"
#include "core/accounts/verification.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace auth {
namespace {

struct Options {
    std::string email;
    std::string code;
    PasswordSource password;
    bool request = false;
    bool by_operator = false;
    bool must_change = false;
};

std::string request_words(const UserRef& ref) {
    return fmt::format("if {} is a user, a reset code is on its way", printable(to_text(ref)));
}

Result<Reply> run_request(World& world, const UserRef& ref) {
    AUTH_TRY(auto& realm, world.realm());
    AUTH_CHECK(request_reset(realm, ref));
    return request_reply(ref, "reset", request_words(ref));
}

Reply reset_reply(Realm& realm, const User& user, const NewPassword& password) {
    Mutation mutation;
    if (password.generated && !realm.dry_run)
        mutation.generated_password = std::string(password.password.reveal());
    mutation.note =
        fmt::format("reset the password of {}; all sessions have ended", printable(user.email));
    return user_reply(realm, user, std::move(mutation));
}

Result<Reply> run(World& world, const Options& options) {
    AUTH_TRY(const UserRef ref, parse_user_ref(options.email));
    if (options.request)
        return run_request(world, ref);
    if (options.by_operator) {
        AUTH_TRY(const NewPassword password, ask_new_password(world, options.password));
        AUTH_TRY(auto& realm, world.realm());
        AUTH_TRY(const User user, set_password(realm, ref, password.password, options.must_change));
        return reset_reply(realm, user, password);
    }
    if (options.code.empty() && world.interactive()) {
        AUTH_TRY(auto& realm, world.realm());
        AUTH_CHECK(request_reset(realm, ref));
        world.post().send_unseen(); // whoever is asked for the code waits for it
        world.streams.err(request_words(ref) + "\n");
    }
    AUTH_TRY(const Secret code,
             ask_code(world, options.code, "the argument CODE, or ask for one with --request"));
    AUTH_TRY(const NewPassword password, ask_new_password(world, options.password));
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const User user, reset_password(realm, ref, code, password.password));
    return reset_reply(realm, user, password);
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.argument("EMAIL", options->email, "whose password");
    flags.optional_argument("CODE", options->code, "the mailed code, or - for stdin");
    flags.flag("--request", options->request, "only mail a code");
    flags.flag("--by-operator", options->by_operator, "no code needed");
    flags.exclusive({"CODE", "--request", "--by-operator"});
    options->password.bind(flags, true);
    for (const char* source : {"--password-stdin", "--password-file", "--generate-password"})
        flags.exclusive({"--request", source});
    flags.flag("--must-change-password", options->must_change, "refuse login until a reset");
    flags.needs("--must-change-password", "--by-operator");
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command reset_command{
    .path = "reset",
    .group = "Users",
    .summary = "Set a forgotten password by a mailed code",
    .examples = "auth-cli create ann@example.org --verified --no-password\n"
                "auth-cli reset ann@example.org --request\n"
                "CODE=$(auth-cli outbox show --latest --to ann@example.org --field code)\n"
                "auth-cli reset ann@example.org \"$CODE\" --password-file password.txt",
    .mutates = true,
    .bind = bind,
    .fields = fields::user_or_request,
    .for_subjects = true,
    .subject_flags = "--request --password-stdin --password-file --generate-password",
};

} // namespace auth
