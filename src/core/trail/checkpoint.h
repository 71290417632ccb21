// Signed notes of how far the audit log has come: anybody who has the published keys can check that
// one is genuine, and later that the log still has every row it vouches for.
#pragma once

#include "core/audit/audit_archives_table.h"
#include "core/jose/verifier.h"
#include "core/realm.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace auth {

// The "typ" of the signed note. No judge of tokens accepts it.
inline constexpr std::string_view checkpoint_type = "audit-checkpoint+jwt";

struct Checkpoint {
    std::string issuer;
    std::string database_id;
    Time at;
    std::int64_t size = 0; // rows, those in archives included
    std::string root;      // of the Merkle tree over their hashes in order of seq, 32 bytes
    std::int64_t last_seq = 0;
    LaneEnds lanes{};
};

struct SignedCheckpoint {
    Checkpoint checkpoint;
    std::string kid;
    std::string text; // a compact JWS
};

// With the current signing key. Fails as current_signing_key, and with refused (reason
// shared_secret) where that is a shared secret, which proves nothing to others.
[[nodiscard]] Result<SignedCheckpoint> sign_checkpoint(Realm& realm, Checkpoint checkpoint);

// Fails with invalid_token, and the reasons of a token that is refused.
[[nodiscard]] Result<SignedCheckpoint> read_checkpoint(std::string_view text, FindKey keys);
// The keys of the database, those retired long ago as well; a revoked one is refused.
[[nodiscard]] FindKey checkpoint_keys(Realm& realm);
// The keys of a JWK set, as `key export --jwks` writes one. Fails as KeySet::from_jwks.
[[nodiscard]] Result<FindKey> checkpoint_keys(std::string_view jwks);

} // namespace auth
