#include "commands/meta/store_setting.h"

#include "core/base/private_file.h"
#include "core/base/staged_file.h"
#include "core/upkeep/change_setting.h"

namespace auth {
namespace {

Result<bool> store_in_file(World& world, const SettingDefinition& definition,
                           const std::string& value) {
    const auto path = world.places().config_path();
    if (path.empty())
        return fail(error(ErrorCode::usage, "there is no home directory to keep the config file in")
                        .with_hint("name the file in AUTH_CLI_CONFIG, or set HOME"));
    std::optional<FileLock> lock; // nobody else's change may get lost
    if (!world.dry_run) {
        AUTH_TRY(lock, FileLock::acquire(path.string() + ".lock"));
    }
    AUTH_TRY(const auto text, read_private_file("config file", path));
    SettingTexts texts;
    if (text) {
        AUTH_TRY(texts, parse_config(text->reveal()));
    }
    const SettingTexts before = texts;
    texts.erase(std::string(definition.name));
    if (!value.empty()) {
        AUTH_TRY(texts[std::string(definition.name)], canonical_setting(definition, value, false));
    }
    if (texts == before)
        return false;
    if (!world.dry_run)
        AUTH_CHECK(store_private_file(path, write_config(texts), world.random()));
    world.settings.set_layer(SettingSource::config_file, texts);
    return true;
}

} // namespace

Status load_database_settings(World& world) {
    return world.realm_if_any().map([](const Realm*) {});
}

Result<bool> store_setting(World& world, const SettingDefinition& definition,
                           const std::string& value) {
    if (definition.scope != SettingScope::database)
        return store_in_file(world, definition, value);
    AUTH_TRY(auto& realm, world.realm());
    return change_setting(realm, world.settings, definition, value);
}

} // namespace auth
