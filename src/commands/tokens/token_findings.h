// What can be found out about a token without trusting it.
#pragma once

#include "cli/world/world.h"
#include "core/jose/jose.h"
#include "core/keys/signing_key.h"
#include "core/sessions/session.h"

#include <optional>
#include <string>
#include <vector>

namespace auth {

struct Findings {
    bool checked = false; // the key is known
    bool valid = false;   // and the signature is by it, and it still counts
    std::string kid;
    std::string key = "unknown"; // or its state, or "shared"
    // Only of tokens with a valid signature of ours, so that none that is made up tells who exists.
    struct Holder {
        std::string session; // its state, or "unknown"
        std::string user;    // "active", "disabled", "deleted" or "unknown"
        std::string email;   // empty where the user is not there
    };
    std::optional<Holder> holder{};
    std::vector<Problem> problems{};
    std::vector<Problem> unusual{};
};

// Opens the database only for a token that may be ours. `size` is the token's, in bytes.
[[nodiscard]] Findings examine(World& world, const Token& token, std::size_t size);

} // namespace auth
