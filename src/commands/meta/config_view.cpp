#include "commands/meta/config_view.h"

#include "core/accounts/credentials.h"
#include "core/audit/audit.h"
#include "core/base/private_file.h"
#include "core/keys/key_lifecycle.h"
#include "core/mail/mail_settings.h"
#include "core/settings/setting.h"
#include "core/settings/settings_table.h"

#include <fmt/format.h>

namespace auth {
namespace {

Json typed(SettingKind kind, const std::string& text) {
    if (text.empty())
        return nullptr;
    if (kind == SettingKind::boolean)
        return text == "true";
    if (kind == SettingKind::integer)
        return std::stoll(text);
    return text;
}

Result<bool> store_in_database(World& world, const SettingDefinition& definition,
                               const std::string& value) {
    Realm& realm = world.realm();
    std::string canonical;
    if (!value.empty()) {
        AUTH_TRY(canonical, canonical_setting(definition, value, realm.test));
    }
    Transaction transaction(realm.database);
    const bool changed =
        value.empty() ? settings_table::remove(realm.database, definition)
                      : settings_table::put(realm.database, definition, canonical, realm.now());
    if (changed)
        record(realm, {"config_changed",
                       definition.name,
                       true,
                       {{"value", value.empty() ? Json() : Json(canonical)}}});
    // Settings that exclude each other are found before they are kept.
    world.settings.set_layer(SettingSource::database, settings_table::load(realm.database));
    AUTH_CHECK(world.settings.check(realm.test));
    AUTH_CHECK(check_password_cost(realm));
    AUTH_CHECK(check_mail_settings(world.settings, definition));
    if (definition.name == setting<"token.algorithm">.name())
        (void)ensure_signing_key(realm);
    transaction.commit();
    return changed;
}

Result<bool> store_in_file(World& world, const SettingDefinition& definition,
                           const std::string& value) {
    const auto path = world.config_path();
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
        AUTH_CHECK(replace_private_file(path, write_config(texts), world.random()));
    world.settings.set_layer(SettingSource::config_file, texts);
    return true;
}

} // namespace

Json setting_record(World& world, const SettingDefinition& definition) {
    const Settings::Value value = world.settings.value(definition);
    return {{"name", definition.name},
            {"value", typed(definition.kind, value.text)},
            {"source", to_name(value.source)},
            {"default", typed(definition.kind, std::string(definition.fallback))},
            {"kept_in", definition.scope == SettingScope::database ? "database" : "config file"},
            {"meaning", definition.meaning}};
}

void load_database_settings(World& world) {
    (void)world.try_realm();
}

Reply setting_reply(World& world, const SettingDefinition& definition, bool changed,
                    std::string_view done) {
    Reply reply;
    reply.document = {{"schema", "auth-cli.setting/1"}};
    reply.document.update(setting_record(world, definition));
    reply.document["changed"] = changed;
    const Settings::Value value = world.settings.value(definition);
    reply.note = fmt::format("{} {}: now {} (from {})", changed ? done : "nothing to change for",
                             definition.name, value.text.empty() ? "unset" : value.text,
                             to_name(value.source));
    return reply;
}

Result<bool> store_setting(World& world, const SettingDefinition& definition,
                           const std::string& value) {
    return definition.scope == SettingScope::database ? store_in_database(world, definition, value)
                                                      : store_in_file(world, definition, value);
}

} // namespace auth
