#include "cli/output/document.h"
#include "commands/meta/setting_view.h"
#include "commands/meta/store_setting.h"
#include "commands/registry.h"

namespace auth {
namespace {

Action bind(Flags&) {
    return [](World& world) -> Result<Reply> {
        AUTH_CHECK(load_database_settings(world));
        std::vector<Json> records;
        for (const SettingDefinition& definition : setting_definitions())
            records.push_back(setting_record(world, definition));
        return list_reply(
            "auth-cli.settings/1", "settings",
            {{"SETTING", "name"}, {"VALUE", "value"}, {"SOURCE", "source"}, {"MEANING", "meaning"}},
            std::move(records));
    };
}

} // namespace

const Command config_list_command{
    .path = "config list",
    .group = "Meta",
    .summary = "Show all settings and where they come from",
    .examples = "auth-cli config list",
    .bind = bind,
    .fields = fields::setting,
    .mends_settings = true,
};

} // namespace auth
