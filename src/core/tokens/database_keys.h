// The keys of a database as a source for the Verifier.
#pragma once

#include "core/settings/realm.h"
#include "core/tokens/verifier.h"

namespace auth {

// All keys as they stand at `at`, and the shared secret where one is configured. A revoked key is
// refused whenever that was. Fails as shared_secret.
[[nodiscard]] Result<FindKey> database_keys(Realm& realm, Time at);

} // namespace auth
