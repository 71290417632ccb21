// What happens to signing keys: rotation, retirement, revocation.
#pragma once

#include "core/keys/signing_key.h"

#include <optional>
#include <string_view>
#include <vector>

namespace auth {

// What a change of keys came to.
struct KeyChange {
    KeyRecord key; // as it stands now
    bool changed = true;
    std::optional<KeyRecord> successor{}; // what signs, where the change would have left nothing
    std::vector<KeyRecord> retired{};     // by a rotation
    std::vector<std::string> remarks{};   // how an imported key was read
};

// A new key beside the others; the newest of token.algorithm signs.
[[nodiscard]] Result<KeyChange> create_key(Realm& realm, Algorithm algorithm);

// A new key that takes over from all that sign at `at`, now or later; they retire then, and verify
// for as long as a token of theirs can live. Another algorithm becomes token.algorithm, which
// cannot be planned: fails with usage.
[[nodiscard]] Result<KeyChange> rotate_keys(Realm& realm, Algorithm algorithm, Time at);

// Each fails with not_found; retiring a revoked key with refused (reason revoked). The last key
// that can sign is followed by a new one, or by the one that was planned to go.
[[nodiscard]] Result<KeyChange> retire_key(Realm& realm, std::string_view kid);
[[nodiscard]] Result<KeyChange> revoke_key(Realm& realm, std::string_view kid);

// The keys that somebody may meet in a token: active, planned, and retired ones whose tokens may
// still live; the newest first, and before all the one that signs.
[[nodiscard]] std::vector<KeyRecord> published_keys(Realm& realm);
// Fails with not_found.
[[nodiscard]] Result<KeyRecord> find_key(Realm& realm, std::string_view kid);

// Sees to it that a key of token.algorithm signs now and later, and returns the one it made, or
// kept from retiring. Call inside a Transaction.
std::optional<KeyRecord> ensure_signing_key(Realm& realm);

} // namespace auth
