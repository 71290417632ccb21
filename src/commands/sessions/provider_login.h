// Logging in with an identity provider, as part of the command login.
#pragma once

#include "cli/flags.h"
#include "cli/world/world.h"
#include "core/accounts/second_factor.h"
#include "core/sessions/session.h"

#include <optional>
#include <string>

namespace auth {

struct ProviderSource {
    std::string name;
    bool device = false;
    bool no_browser = false;

    // Adds --provider, --device and --no-browser.
    void bind(Flags& flags);
    [[nodiscard]] bool given() const { return !name.empty(); }
};

// Has the person sign in there and opens a session, for the user `email` where it is not empty.
// Fails as find_provider, discover, sign_in_by_browser, sign_in_by_device and log_in_by_provider.
[[nodiscard]] Result<Grant> log_in_with(World& world, const ProviderSource& source,
                                        const std::string& email, std::optional<Seconds> ttl,
                                        const AskFactor& ask);

} // namespace auth
