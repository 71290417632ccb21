#include "commands/ask.h"
#include "commands/registry.h"
#include "commands/stored_login.h"
#include "commands/views.h"
#include "core/accounts/credentials.h"
#include "core/base/text.h"
#include "core/tokens/change_password.h"

#include <fmt/format.h>

namespace auth {
namespace {

struct Options {
    std::string email;
    PasswordSource password;
    std::string current_file;
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
    AUTH_TRY(const User user, set_password(world.realm(), ref, password.password, false));
    return user_reply(world, user, changed_password(user, password, world.dry_run));
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

// The subject's own change: proved by the old password, and the login goes on with a new session.
Result<Reply> run_own(World& world, const Options& options) {
    AUTH_TRY(const StoredAccess stored, use_stored_login(world, Use::look));
    AUTH_TRY(const Secret current, ask_current(world, options));
    AUTH_TRY(NewPassword password, ask_new_password(world, options.password));
    AUTH_TRY(const Grant grant,
             change_own_password(world.realm(), stored.access.user.id, current, password.password));
    if (!world.dry_run) {
        const TokenFiles files = world.token_files();
        AUTH_TRY(const FileLock lock, FileLock::acquire(files.lock));
        AUTH_CHECK(write_login(files, grant, world.random()));
    }
    return user_reply(world, grant.user, changed_password(grant.user, password, world.dry_run));
}

Result<Reply> run(World& world, const Options& options) {
    return options.email.empty() ? run_own(world, options) : run_for(world, options);
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.optional_argument("EMAIL", options->email, "whose password; default: who is logged in");
    options->password.bind(flags, true);
    flags.option("--current-password-file", options->current_file, "FILE",
                 "read your current password from a file");
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command passwd_command{
    "passwd",
    "Users",
    "Change your password, or set another user's as operator",
    "auth-cli create ann@example.org --verified --no-password\n"
    "auth-cli passwd ann@example.org --password-file password.txt",
    true,
    bind,
    fields::user_mutation,
    true,
    true,
};

} // namespace auth
