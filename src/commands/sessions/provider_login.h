// Logging in with an identity provider, as part of the command login.
#pragma once

#include "cli/flags.h"
#include "cli/world/world.h"
#include "core/accounts/second_factor.h"
#include "core/federation/provider_client.h"
#include "core/sessions/session.h"

#include <functional>
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

// What its kind of login needs. As discover, but no hint asks a login to name another issuer.
[[nodiscard]] Result<ProviderMetadata>
discover_for_login(Http& http, const std::function<bool()>& stopped, const Provider& provider);

// Has the person sign in there and opens a session, for the user `email` where it is not empty.
// Fails as find_provider, discover, sign_in_by_browser, sign_in_by_device and log_in_by_provider.
[[nodiscard]] Result<Grant> log_in_with(World& world, const ProviderSource& source,
                                        const std::string& email, std::optional<Seconds> ttl,
                                        const AskFactor& ask);

} // namespace auth
