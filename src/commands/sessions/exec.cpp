#include "cli/input/stored_login.h"
#include "cli/input/variable_name.h"
#include "commands/registry.h"

namespace auth {
namespace {

struct Options {
    std::string env = "AUTH_CLI_TOKEN";
    std::vector<std::string> command;
};

// There is nothing left of this process to answer for: the command's exit code is the answer.
Result<Reply> run(World& world, const Options& options) {
    AUTH_CHECK(check_variable_name(options.env));
    AUTH_TRY(const StoredAccess stored, use_stored_login(world, Use::renew));
    return fail(world.become(options.command, options.env, stored.token));
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.option("--env", options->env, "NAME",
                 "the variable that holds the token; default AUTH_CLI_TOKEN");
    flags.command_line(
        "CMD", options->command,
        "the command, whose exit code passes through; 127 if there is none, 126 if it cannot run");
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command exec_command{
    .path = "exec",
    .group = "Sessions",
    .summary = "Run a command with the stored token in its environment",
    .examples = "auth-cli create ann@example.org --verified --password-file password.txt --login\n"
                "auth-cli exec -- sh -c 'test -n \"$AUTH_CLI_TOKEN\"'\n"
                "auth-cli exec --env API_TOKEN -- printenv API_TOKEN",
    .bind = bind,
    .fields = fields::none,
};

} // namespace auth
