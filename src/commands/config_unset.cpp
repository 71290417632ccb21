#include "commands/config_view.h"
#include "commands/registry.h"

namespace auth {
namespace {

Result<Reply> run(World& world, const std::string& name) {
    AUTH_TRY(const SettingDefinition* definition, find_setting(name));
    AUTH_TRY(const bool changed, store_setting(world, *definition, ""));
    return setting_reply(world, *definition, changed, "unset");
}

Action bind(Flags& flags) {
    auto name = std::make_shared<std::string>();
    flags.argument("NAME", *name, "the setting");
    flags.takes("NAME", ValueKind::setting);
    return [name](World& world) { return run(world, *name); };
}

} // namespace

const Command config_unset_command{
    "config unset",
    "Meta",
    "Go back to a setting's default",
    "auth-cli config unset session.idle",
    true,
    bind,
    fields::setting,
};

} // namespace auth
