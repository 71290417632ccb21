#include "commands/tokens/token_argument.h"

#include "cli/input/ask.h"
#include "cli/input/stored_login.h"

namespace auth {

Result<Secret> token_argument(World& world, const std::string& typed) {
    if (typed.empty())
        return stored_token(world);
    if (typed == "-")
        return read_secret_stdin(world, "token");
    if (typed.starts_with('@'))
        return read_secret_file(world, "token", typed.substr(1));
    return Secret(typed);
}

} // namespace auth
