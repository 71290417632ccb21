// A setting as JSON, and what a change of one answers.
#pragma once

#include "cli/command.h"
#include "core/settings/settings.h"

namespace auth {

// name, value (typed, null where unset), source, default, scope, meaning.
[[nodiscard]] Json setting_record(World& world, const SettingDefinition& definition);

// What setting or unsetting one answers.
[[nodiscard]] Reply setting_reply(World& world, const SettingDefinition& definition, bool changed,
                                  std::string_view done);

} // namespace auth
