// The keys of a database as a source for the Verifier.
#pragma once

#include "core/settings/realm.h"
#include "core/tokens/verifier.h"

namespace auth {

// All keys as they stand now, and the shared secret where one is configured. Fails as
// shared_secret.
[[nodiscard]] Result<FindKey> database_keys(Realm& realm);

} // namespace auth
