#include "cli/help/embedded.h"
#include "cli/input/one_argument.h"
#include "commands/registry.h"

namespace auth {
namespace {

Result<Reply> run(World&, const std::string& shell) {
    for (const auto& [name, script] : completion_scripts())
        if (name == shell)
            return Reply{{{"schema", "auth-cli.completion/1"}, {"shell", name}, {"script", script}},
                         std::string(script)};
    return fail(ErrorCode::internal, "the completion script is missing");
}

Action bind(Flags& flags) {
    Action action = bind_argument(flags, "SHELL", "bash, zsh or fish", run);
    flags.choices("SHELL", {"bash", "zsh", "fish"});
    return action;
}

} // namespace

const Command completion_command{
    .path = "completion",
    .group = "Meta",
    .summary = "Print the script that completes commands in a shell",
    .examples = "auth-cli completion bash > auth-cli.bash\n"
                "auth-cli completion zsh > _auth-cli\n"
                "auth-cli completion fish > auth-cli.fish",
    .bind = bind,
    .fields = fields::completion,
    .needs_settings = false,
    .for_subjects = true,
};

} // namespace auth
