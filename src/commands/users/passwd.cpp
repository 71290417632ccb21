#include "cli/input/ask.h"
#include "cli/input/factor_source.h"
#include "cli/input/stored_login.h"
#include "cli/output/user_view.h"
#include "commands/registry.h"
#include "core/accounts/credentials.h"
#include "core/base/text.h"
#include "core/sessions/change_password.h"

#include <fmt/format.h>

namespace auth {
namespace {

struct Options {
    std::string email;
    PasswordSource password;
    std::string current_file;
    FactorSource factor;
};

Mutation changed_password(const User& user, NewPassword& password, bool dry_run) {
    Mutation mutation;
    if (password.generated && !dry_run)
        mutation.generated_password = std::string(password.password.reveal());
    mutation.note = fmt::format("changed the password of {}; all earlier sessions have ended",
                                printable(user.email));
    return mutation;
}

// An operator's change: no old password, as root's passwd asks none.
Result<Reply> run_for(World& world, const Options& options) {
    AUTH_CHECK(world.require_operator("setting another user's password"));
    AUTH_TRY(const UserRef ref, parse_user_ref(options.email));
    AUTH_TRY(NewPassword password, ask_new_password(world, options.password));
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const User user, set_password(realm, ref, password.password, false));
    return user_reply(realm, user, changed_password(user, password, world.dry_run));
}

Result<Secret> ask_current(World& world, const Options& options) {
    if (!options.current_file.empty())
        return read_secret_file(world, "current password", options.current_file);
    if (!world.interactive())
        return fail(
            error(ErrorCode::input_required, "the current password was not given")
                .with_field("current_password")
                .with_hint("give it with --current-password-file, or name EMAIL as operator"));
    return world.terminal().ask_secret("Current password: ");
}

// The subject's own change without a login: the way out of must_change_password.
Result<Reply> run_named(World& world, const Options& options) {
    AUTH_TRY(const UserRef ref, parse_user_ref(options.email));
    AUTH_TRY(const AskFactor ask, ask_factor(world, options.factor));
    AUTH_TRY(const Secret current, ask_current(world, options));
    AUTH_TRY(NewPassword password, ask_new_password(world, options.password));
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const User user, set_own_password(realm, ref, current, password.password, ask));
    return user_reply(realm, user, changed_password(user, password, world.dry_run));
}

// The subject's own change: proved by the old password, and the login goes on with a new session.
Result<Reply> run_own(World& world, const Options& options) {
    AUTH_TRY(const StoredAccess stored, use_stored_login(world, Use::look));
    AUTH_TRY(const UserRef ref, parse_user_ref("id:" + stored.access.user.id));
    AUTH_TRY(const AskFactor ask, ask_factor(world, options.factor));
    AUTH_TRY(const Secret current, ask_current(world, options));
    AUTH_TRY(NewPassword password, ask_new_password(world, options.password));
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const Grant grant, change_own_password(realm, ref, current, password.password, ask));
    if (Status kept = store_login(world, grant); !kept) {
        kept.error().message =
            "the password was changed, but the login was not stored: " + kept.error().message;
        return fail(std::move(kept).error());
    }
    return user_reply(realm, grant.user, changed_password(grant.user, password, world.dry_run));
}

Result<Reply> run(World& world, const Options& options) {
    if (options.email.empty())
        return run_own(world, options);
    const bool by_subject = !options.current_file.empty() || options.factor.given() ||
                            (world.surroundings.secure && world.interactive());
    return by_subject ? run_named(world, options) : run_for(world, options);
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.optional_argument("EMAIL", options->email, "whose password; default: who is logged in");
    options->password.bind(flags, true);
    flags.option("--current-password-file", options->current_file, "FILE",
                 "read your current password from a file");
    options->factor.bind(flags);
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command passwd_command{
    .path = "passwd",
    .group = "Users",
    .summary = "Change your password, or set another user's as operator",
    .examples = "auth-cli create ann@example.org --verified --no-password\n"
                "auth-cli passwd ann@example.org --password-file password.txt\n"
                "echo 'five green herons at dawn' > new.txt\n"
                "auth-cli passwd ann@example.org --current-password-file password.txt "
                "--password-file new.txt",
    .mutates = true,
    .bind = bind,
    .fields = fields::user_mutation,
    .for_subjects = true,
    .subject_flags = "--password-stdin --password-file --generate-password "
                     "--current-password-file --totp --recovery-code",
};

} // namespace auth
