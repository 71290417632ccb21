// The keys of a database as a source for the Verifier.
#pragma once

#include "core/jose/verifier.h"
#include "core/realm.h"

#include <mutex>

namespace auth {

// Looks each header's key up, as it stands now or stood `at` another time, under `lock`, which
// guards the realm. A revoked key is refused whenever that was. Fails as shared_secret.
[[nodiscard]] FindKey database_keys(Realm& realm, std::mutex& lock,
                                    std::optional<Time> at = std::nullopt);
// The shared secret alone, for those who have no database; where none is configured, no key at all.
[[nodiscard]] FindKey shared_keys(const Settings& settings);

} // namespace auth
