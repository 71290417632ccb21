#include "commands/config_view.h"
#include "commands/registry.h"
#include "commands/views.h"

namespace auth {
namespace {

Action bind(Flags&) {
    return [](World& world) -> Result<Reply> {
        load_database_settings(world);
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
    "config list",          "Meta", "Show all settings and where they come from",
    "auth-cli config list", false,  bind,
    fields::setting,
};

} // namespace auth
