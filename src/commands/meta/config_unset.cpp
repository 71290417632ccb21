#include "cli/input/one_argument.h"
#include "commands/meta/setting_view.h"
#include "commands/meta/store_setting.h"
#include "commands/registry.h"

namespace auth {
namespace {

Result<Reply> run(World& world, const std::string& name) {
    AUTH_TRY(const SettingDefinition* definition, find_setting(name));
    AUTH_TRY(const bool changed, store_setting(world, *definition, ""));
    return setting_reply(world, *definition, changed, "unset");
}

Action bind(Flags& flags) {
    flags.takes("NAME", ValueKind::setting);
    return bind_argument(flags, "NAME", "the setting", run);
}

} // namespace

const Command config_unset_command{
    .path = "config unset",
    .group = "Meta",
    .summary = "Go back to a setting's default",
    .examples = "auth-cli config unset session.idle",
    .mutates = true,
    .bind = bind,
    .fields = fields::setting,
    .mends_settings = true,
};

} // namespace auth
