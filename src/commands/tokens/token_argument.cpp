#include "commands/tokens/token_argument.h"

#include "cli/input/ask.h"
#include "cli/input/stored_login.h"

#include <fmt/format.h>

namespace auth {

Result<GivenToken> token_argument(World& world, const std::string& typed) {
    if (typed.empty())
        return stored_token(world);
    if (typed == "-") {
        AUTH_TRY(Secret content, world.take_stdin("token"));
        return GivenToken{token_in(world, std::move(content))};
    }
    if (typed.starts_with('@')) {
        const std::string path = typed.substr(1);
        AUTH_TRY(Secret content, read_secret_bytes(world, "token", path));
        return GivenToken{token_in(world, std::move(content)), fmt::format("'{}'", path)};
    }
    return GivenToken{without_wrapping(world, Secret(typed))};
}

} // namespace auth
