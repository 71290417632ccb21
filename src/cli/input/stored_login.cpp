#include "cli/input/stored_login.h"

#include "core/base/private_file.h"

#include <fmt/format.h>

namespace auth {
namespace {

std::optional<Secret> token_of_environment(const World& world) {
    const std::string token = world.surroundings.variable("AUTH_CLI_TOKEN");
    return token.empty() ? std::nullopt : std::optional<Secret>(Secret(token));
}

// Without a login there is no need for a database either.
Status require_token_file(const TokenFiles& files) {
    AUTH_TRY(const bool present, check_private_file("token file", files.token));
    return present ? Status() : fail(nobody_logged_in(files));
}

} // namespace

Result<StoredAccess> use_stored_login(World& world, Use use) {
    if (auto token = token_of_environment(world)) {
        AUTH_TRY(auto& realm, world.realm());
        AUTH_TRY(Access access, check_access(realm, token->reveal(), TokenUse::act));
        return StoredAccess{std::move(access), std::move(*token)};
    }
    AUTH_TRY(const TokenFiles files, world.places().token_files());
    AUTH_CHECK(require_token_file(files));
    AUTH_TRY(auto& realm, world.realm());
    return use_login(realm, files, use);
}

Result<Refreshed> refresh_stored_login(World& world, std::optional<Seconds> if_under) {
    if (token_of_environment(world))
        return fail(
            error(ErrorCode::usage,
                  "the token of AUTH_CLI_TOKEN has no refresh token, so it cannot be renewed")
                .with_hint("unset AUTH_CLI_TOKEN"));
    AUTH_TRY(const TokenFiles files, world.places().token_files());
    AUTH_CHECK(require_token_file(files));
    AUTH_TRY(auto& realm, world.realm());
    return refresh_login(realm, files, if_under);
}

Result<Secret> stored_token(World& world) {
    if (auto token = token_of_environment(world))
        return std::move(*token);
    AUTH_TRY(const TokenFiles files, world.places().token_files());
    AUTH_TRY(auto login, read_login(files));
    if (!login)
        return fail(nobody_logged_in(files));
    return std::move(login->access_token);
}

Status store_login(World& world, const Grant& grant) {
    if (world.dry_run)
        return {};
    AUTH_TRY(const TokenFiles files, world.places().token_files());
    AUTH_TRY(const FileLock lock, FileLock::acquire(files.lock));
    return write_login(files, grant, world.random());
}

std::string stored_session(World& world) {
    const auto token = stored_token(world);
    const auto parsed = token ? parse_token(token->reveal()) : fail(token.error());
    return parsed ? session_id(*parsed) : "";
}

} // namespace auth
