// The keys of a database as a source for the Verifier.
#pragma once

#include "core/settings/realm.h"
#include "core/tokens/verifier.h"

#include <mutex>

namespace auth {

// Looks each header's key up, under `lock`, which guards the realm. What goes wrong with the shared
// secret is thrown as Failure.
[[nodiscard]] FindKey database_keys(Realm& realm, std::mutex& lock);

} // namespace auth
