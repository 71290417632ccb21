// The settings kept in the database, as texts.
#pragma once

#include "core/settings/settings.h"
#include "core/store/database.h"

namespace auth::settings_table {

[[nodiscard]] SettingTexts load(Database& database);
void expect(Database& database); // that they are loaded next
// True where the stored text changed. Call inside a Transaction.
[[nodiscard]] bool put(Database& database, const SettingDefinition& definition,
                       std::string_view value, Time now);
[[nodiscard]] bool remove(Database& database, const SettingDefinition& definition);

} // namespace auth::settings_table
