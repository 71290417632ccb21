// Refresh tokens: opaque to everybody else. Each names its session and generation under a MAC, so
// an old one is known for what it is without a list of old ones.
#pragma once

#include "core/base/secret.h"
#include "core/realm.h"

#include <string>
#include <string_view>

namespace auth {

struct RefreshClaims {
    std::string session_id; // UUID
    std::int64_t generation = 0;
};

// 256 random bits with the claims, as base64url.
[[nodiscard]] Secret make_refresh_token(Realm& realm, std::string_view session_id,
                                        std::int64_t generation);
// Fails with invalid_token, reason "malformed", for anything this database did not make. Of the
// tokens from before a rekey, only those that are current are known.
[[nodiscard]] Result<RefreshClaims> read_refresh_token(Realm& realm, const Secret& token);
// What the database keeps of it: SHA-256.
[[nodiscard]] std::string refresh_hash(const Secret& token);

} // namespace auth
