// The login that a command acts with: AUTH_CLI_TOKEN, else the profile's token file.
#pragma once

#include "cli/input/given_token.h"
#include "cli/world/world.h"
#include "core/sessions/use_login.h"

#include <optional>

namespace auth {

// Fails with login_required, or as check_access. A token from the environment is never renewed.
[[nodiscard]] Result<StoredAccess> use_stored_login(World& world, Use use);

// Renews it, as refresh_login. Fails with usage for a token from the environment.
[[nodiscard]] Result<Refreshed> refresh_stored_login(World& world, std::optional<Seconds> if_under);

// The access token as it stands, unchecked. Fails with login_required.
[[nodiscard]] Result<GivenToken> stored_token(World& world);

// Ends a session whose tokens reached nobody. Fails where the database cannot be written.
[[nodiscard]] Status withdraw_login(World& world, const Session& session);
// Puts a new login in the place of what is stored, but in a dry run. Fails as write_login; then the
// login is withdrawn.
[[nodiscard]] Status store_login(World& world, const Grant& grant);

// The session that the stored login names, unproved; "" where there is none. Never fails.
[[nodiscard]] std::string stored_session(World& world);

} // namespace auth
