// The flags that name an issuer whose published keys verify tokens.
#pragma once

#include "cli/flags.h"
#include "cli/world/world.h"
#include "core/jose/verifier.h"

#include <string>

namespace auth {

// The keys that the issuer publishes, from the cache where they are fresh. `offline` asks nobody.
// Fails with usage for what is not an issuer's address, and as World::realm: the database's
// settings count, if there is a database.
[[nodiscard]] Result<FindKey> issuer_keys(World& world, const std::string& issuer, bool offline);

struct IssuerSource {
    std::string issuer;
    bool offline = false;

    // Adds --issuer and --offline.
    void bind(Flags& flags);
    [[nodiscard]] bool given() const { return !issuer.empty(); }
    [[nodiscard]] Result<FindKey> keys(World& world) const {
        return issuer_keys(world, issuer, offline);
    }
};

} // namespace auth
