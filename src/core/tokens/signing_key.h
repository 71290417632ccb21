// The keys that sign access tokens, and the shared secret of services that use HS256.
#pragma once

#include "core/settings/realm.h"
#include "core/tokens/jose.h"

#include <optional>
#include <string>
#include <vector>

namespace auth {

enum class KeyState { active, retired, revoked };

struct KeyRecord {
    std::string kid;
    std::string algorithm;
    std::string public_jwk; // JSON
    KeyState state = KeyState::active;
    Time created_at;
};

// Generates and stores a key, sealed. Call inside a Transaction.
KeyRecord create_signing_key(Realm& realm, Algorithm algorithm);

// What new tokens are signed with: the newest active key of token.algorithm, or the shared secret.
// Fails with not_found, io or refused (reason weak_secret).
[[nodiscard]] Result<SigningKey> current_signing_key(Realm& realm);

// Whether a token may be signed by a key of this database, judged by its header alone; then looking
// for the key is worth opening the database.
[[nodiscard]] bool may_be_ours(const Token& token);

// The key a token claims to be signed with; nothing where it is unknown. The shared secret answers
// only for HS256 and only where one is configured.
struct KnownKey {
    VerificationKey key;
    KeyState state = KeyState::active;
};
[[nodiscard]] Result<std::optional<KnownKey>>
find_verification_key(Database& database, const Settings& settings, const Token& token);
// The shared secret of token.secret_file; nothing where none is set.
[[nodiscard]] Result<std::optional<Secret>> shared_secret(const Settings& settings);

} // namespace auth
