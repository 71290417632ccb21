#include "core/upkeep/change_setting.h"

#include "core/accounts/credentials.h"
#include "core/audit/audit.h"
#include "core/keys/key_lifecycle.h"
#include "core/mail/mail_settings.h"
#include "core/settings/settings_table.h"

namespace auth {

Result<bool> change_setting(Realm& realm, Settings& settings, const SettingDefinition& definition,
                            const std::string& value) {
    std::string canonical;
    if (!value.empty()) {
        AUTH_TRY(canonical, canonical_setting(definition, value, realm.test));
    }
    Transaction transaction(realm.database);
    const bool changed =
        value.empty() ? settings_table::remove(realm.database, definition)
                      : settings_table::put(realm.database, definition, canonical, realm.now());
    if (changed)
        record(realm, {.event = "config_changed",
                       .target = definition.name,
                       .detail = {{"value", value.empty() ? Json() : Json(canonical)}}});
    // Settings that exclude each other are found before they are kept.
    settings.set_layer(SettingSource::database, settings_table::load(realm.database));
    AUTH_CHECK(settings.check(realm.test));
    AUTH_CHECK(check_password_cost(realm));
    AUTH_CHECK(check_mail_settings(settings, definition));
    if (definition.name == "token.algorithm")
        (void)ensure_signing_key(realm);
    transaction.commit();
    return changed;
}

} // namespace auth
