// Changing a setting where its scope keeps it: in the database or in the config file.
#pragma once

#include "cli/world/world.h"
#include "core/settings/settings.h"

#include <string>

namespace auth {

// Loads the database's settings where there is a database; the rest works without one.
[[nodiscard]] Status load_database_settings(World& world);

// Puts a text, or removes the setting for an empty one. True where that changed anything.
[[nodiscard]] Result<bool> store_setting(World& world, const SettingDefinition& definition,
                                         const std::string& value);

} // namespace auth
