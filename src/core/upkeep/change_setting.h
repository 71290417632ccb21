// Changing a setting that the database keeps.
#pragma once

#include "core/realm.h"
#include "core/settings/settings.h"

#include <string>

namespace auth {

// Puts the value, or removes the setting for an empty one, and records it. `settings` are those of
// the realm; they get the database's new layer. Fails with usage, and changes nothing, for a wrong
// value or one that another setting excludes. True if it changed anything.
[[nodiscard]] Result<bool> change_setting(Realm& realm, Settings& settings,
                                          const SettingDefinition& definition,
                                          const std::string& value);

} // namespace auth
