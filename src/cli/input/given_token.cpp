#include "cli/input/given_token.h"

#include "core/jose/reason.h"
#include "core/jose/token_wrapping.h"
#include "core/sessions/token_file.h"

#include <fmt/format.h>

namespace auth {

Secret without_wrapping(const World& world, Secret text) {
    const auto [token, taken] = unwrap_token(text.reveal());
    if (taken.empty())
        return text;
    if (world.verbose)
        world.streams.err(
            fmt::format("auth-cli: taken off around the token: {}\n", fmt::join(taken, ", ")));
    return Secret(token);
}

Secret token_in(const World& world, Secret content) {
    if (content.reveal().ends_with('\n'))
        content.drop_back(1);
    return without_wrapping(world, std::move(content));
}

std::optional<GivenToken> token_of_environment(const World& world) {
    const std::string value = world.surroundings.variable(token_variable);
    if (value.empty())
        return std::nullopt;
    return GivenToken{without_wrapping(world, Secret(value)), std::string(token_variable)};
}

Error at_place(Error failure, std::string_view place) {
    if (place.empty() || failure.code != ErrorCode::invalid_token || !is_about_text(failure.reason))
        return failure;
    Error named = holds_no_token(place, failure);
    if (place == token_variable)
        named.hint = fmt::format("unset {}", token_variable);
    return named;
}

} // namespace auth
