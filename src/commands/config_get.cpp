#include "commands/config_view.h"
#include "commands/one_argument.h"
#include "commands/registry.h"
#include "commands/views.h"

namespace auth {
namespace {

Result<Reply> run(World& world, const std::string& name) {
    AUTH_TRY(const SettingDefinition* definition, find_setting(name));
    load_database_settings(world);
    Reply reply;
    reply.document = {{"schema", "auth-cli.setting/1"}};
    reply.document.update(setting_record(world, *definition));
    reply.text = world.settings.text(name) + "\n";
    return reply;
}

Action bind(Flags& flags) {
    flags.takes("NAME", ValueKind::setting);
    return bind_argument(flags, "NAME", "the setting", run);
}

} // namespace

const Command config_get_command{
    "config get",
    "Meta",
    "Print the value of a setting",
    "auth-cli config get session.idle",
    false,
    bind,
    fields::setting,
};

} // namespace auth
