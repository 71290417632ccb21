// The keys that sign access tokens.
#pragma once

#include "core/jose/jose.h"
#include "core/realm.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

enum class KeyState { planned, active, retired, revoked };

[[nodiscard]] std::string_view to_name(KeyState state);

// A key of this database. Its state follows from its times.
struct KeyRecord {
    std::string kid;      // RFC 7638 thumbprint
    std::string known_as; // the kid it came with, where that is another; or empty
    std::string algorithm;
    std::string public_jwk; // JSON
    Time created_at;
    Time signs_from;
    std::optional<Time> signs_until{};
    std::optional<Time> verifies_until{}; // once retired: no earlier than its last token expires
    std::optional<Time> last_expiry{};    // of the issued tokens, which may outlive any session
    std::optional<Time> revoked_at{};
    bool imported = false;
    bool has_private = true; // the private half is here
    // Whose tokens it signs: "" for this database's own; any_issuer or an issuer for a key from
    // elsewhere, whose private half is never here and which nobody is told is ours.
    std::string issuer{};

    [[nodiscard]] KeyState state(Time now) const;
    // Until when a retired key's tokens pass; nothing for a key that is not retired.
    [[nodiscard]] std::optional<Time> last_use(Time now) const;
    [[nodiscard]] bool verifies(Time now) const;
};

// Where the private half of a key is sealed.
[[nodiscard]] SealedPlace sealed_place(std::string_view kid);

// Generates and stores a key, sealed. Call inside a Transaction.
KeyRecord create_signing_key(Realm& realm, Algorithm algorithm, Time signs_from);

// The key that new tokens are signed with, of token.algorithm; nothing where there is none, and for
// HS256.
[[nodiscard]] std::optional<KeyRecord> signing_record(Realm& realm);
// The same with its private half, or the shared secret. Fails with not_found, io or refused (reason
// weak_secret).
[[nodiscard]] Result<SigningKey> current_signing_key(Realm& realm);
// The same of another time, and as Statement::expect for it.
[[nodiscard]] Result<SigningKey> signing_key_at(Realm& realm, Time now);
void expect_signing_key(Realm& realm, Time now);

// Whether a token may be signed by a key of this database, judged by its header alone; then looking
// for the key is worth opening the database.
[[nodiscard]] bool may_be_ours(const Token& token);

// The key a token claims to be signed with, as it stands at `at`; nothing where it is unknown. A
// token without "kid" finds a key only where no other is of its algorithm. The shared secret
// answers only for HS256 and only where one is configured.
struct KnownKey {
    VerificationKey key;
    KeyState state = KeyState::active;
    bool verifies = true; // false once revoked, or retired for longer than its tokens live
    KeyOrigin origin{};
};
[[nodiscard]] Result<std::optional<KnownKey>> find_verification_key(Realm& realm,
                                                                    const Json& header, Time at);
// As Statement::expect, for find_verification_key().
void expect_verification_key(Realm& realm, const Json& header);
// The shared secret alone. Fails as shared_secret.
[[nodiscard]] Result<std::optional<KnownKey>> shared_key(const Settings& settings);

} // namespace auth
