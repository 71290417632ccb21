#include "cli/input/stored_login.h"

#include "core/base/private_file.h"
#include "core/sessions/token_session.h"

#include <fmt/format.h>

namespace auth {
namespace {

// Without a login there is no need for a database either.
Status require_token_file(const TokenFiles& files) {
    AUTH_TRY(const bool present, check_private_file("token file", files.token));
    return present ? Status() : fail(nobody_logged_in(files));
}

Status put_login(World& world, const Grant& grant) {
    AUTH_TRY(const TokenFiles files, world.places().token_files());
    AUTH_TRY(FileLock lock, FileLock::acquire(files.lock));
    Status written = write_login(files, grant, world.random());
    if (!written)
        lock.forget_file();
    return written;
}

} // namespace

Result<StoredAccess> use_stored_login(World& world, Use use) {
    if (auto given = token_of_environment(world)) {
        AUTH_TRY(auto& realm, world.realm());
        auto access = check_access(realm, given->text.reveal(), TokenUse::act);
        if (!access)
            return fail(at_place(std::move(access).error(), given->place));
        return StoredAccess{*std::move(access), std::move(given->text)};
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

Result<GivenToken> stored_token(World& world) {
    if (auto given = token_of_environment(world))
        return *std::move(given);
    AUTH_TRY(const TokenFiles files, world.places().token_files());
    AUTH_TRY(auto login, read_login(files));
    if (!login)
        return fail(nobody_logged_in(files));
    return GivenToken{std::move(login->access_token), name_of_token_file(files)};
}

Status withdraw_login(World& world, const Session& session) {
    try {
        AUTH_TRY(auto& realm, world.realm());
        Transaction transaction(realm.database, Locks::user(session.user_id));
        (void)end_live_session(realm, session, "token_not_delivered");
        transaction.commit();
        return {};
    } catch (const Failure& failure) {
        return fail(failure.error());
    }
}

Status store_login(World& world, const Grant& grant) {
    if (world.dry_run)
        return {};
    Status put = put_login(world, grant);
    if (!put && !withdraw_login(world, grant.session))
        put.error().hint = {"the session is still live; end it",
                            NextStep{"session revoke", {grant.session.id}}};
    return put;
}

std::string stored_session(World& world) {
    const auto given = stored_token(world);
    const auto parsed = given ? parse_token(given->text.reveal()) : fail(given.error());
    return parsed ? session_id(*parsed) : "";
}

} // namespace auth
