// A setting as config list and config get show it.
#pragma once

#include "cli/command.h"
#include "core/settings/settings.h"

namespace auth {

// name, value (typed, null where unset), source, default, scope, meaning.
[[nodiscard]] Json setting_record(World& world, const SettingDefinition& definition);

// Loads the database's settings where there is a database; the rest works without one.
void load_database_settings(World& world);

// What setting or unsetting one answers.
[[nodiscard]] Reply setting_reply(World& world, const SettingDefinition& definition, bool changed,
                                  std::string_view done);

// Puts a text, or removes the setting for an empty one, where its scope keeps it. True where that
// changed anything.
[[nodiscard]] Result<bool> store_setting(World& world, const SettingDefinition& definition,
                                         const std::string& value);

} // namespace auth
