// Table signing_keys: the keys with their times and sealed private halves.
#pragma once

#include "core/keys/signing_key.h"

namespace auth::signing_keys_table {

// `sealed` is the private half; nothing for a key that only verifies.
void insert(Database& database, const KeyRecord& key, const std::optional<std::string>& sealed);
// By its kid or the one it came with.
[[nodiscard]] std::optional<KeyRecord> find(Database& database, std::string_view kid);
// The newest key of the algorithm that may sign now.
[[nodiscard]] std::optional<KeyRecord> signing(Database& database, std::string_view algorithm,
                                               Time now);
[[nodiscard]] std::optional<std::string> sealed(Database& database, std::string_view kid);
// The sealed private half of the key that signing() finds.
struct Sealed {
    std::string kid;
    std::string jwk;
};
[[nodiscard]] std::optional<Sealed> sealed_to_sign(Database& database, std::string_view algorithm,
                                                   Time now);
// As Statement::expect, for find() and sealed_to_sign().
void expect(Database& database, std::string_view kid);
void expect_sealed_to_sign(Database& database, std::string_view algorithm, Time now);
// The newest first.
[[nodiscard]] std::vector<KeyRecord> list(Database& database);

// Writes the times that `key` has reached.
void update(Database& database, const KeyRecord& key);
// Forgets the private halves that sign no more.
void forget_private(Database& database, Time now);
void give_private(Database& database, std::string_view kid, std::string_view sealed);
// Notes that a token signed with it lives until `expiry`.
void note_expiry(Database& database, std::string_view kid, Time expiry);

} // namespace auth::signing_keys_table
