#include "core/settings/settings_table.h"

namespace auth::settings_table {
namespace {

constexpr std::string_view all_settings = "SELECT name, value FROM settings";

} // namespace

void expect(Database& database) {
    database.prepare(all_settings).expect();
}

SettingTexts load(Database& database) {
    SettingTexts texts;
    for (Statement& rows = database.prepare(all_settings); rows.step();)
        texts[rows.text(0)] = rows.text(1);
    return texts;
}

bool put(Database& database, const SettingDefinition& definition, std::string_view value,
         Time now) {
    database
        .prepare("INSERT INTO settings (name, value, updated_at) VALUES (?1, ?2, ?3)"
                 " ON CONFLICT (name) DO UPDATE SET value = excluded.value,"
                 " updated_at = excluded.updated_at WHERE settings.value <> excluded.value")
        .with(definition.name, value, now)
        .run();
    return database.changes() > 0;
}

bool remove(Database& database, const SettingDefinition& definition) {
    database.prepare("DELETE FROM settings WHERE name = ?1").with(definition.name).run();
    return database.changes() > 0;
}

} // namespace auth::settings_table
