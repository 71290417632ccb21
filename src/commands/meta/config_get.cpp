#include "cli/input/one_argument.h"
#include "cli/output/document.h"
#include "commands/meta/setting_view.h"
#include "commands/meta/store_setting.h"
#include "commands/registry.h"

namespace auth {
namespace {

Result<Reply> run(World& world, const std::string& name) {
    AUTH_TRY(const SettingDefinition* definition, find_setting(name));
    AUTH_CHECK(load_database_settings(world));
    Reply reply;
    reply.document = {{"schema", "auth-cli.setting/1"}};
    reply.document.update(setting_record(world, *definition));
    reply.text = world.settings.value(*definition).text + "\n";
    return reply;
}

Action bind(Flags& flags) {
    flags.takes("NAME", ValueKind::setting);
    return bind_argument(flags, "NAME", "the setting", run);
}

} // namespace

const Command config_get_command{
    .path = "config get",
    .group = "Meta",
    .summary = "Print the value of a setting",
    .examples = "auth-cli config get session.idle",
    .bind = bind,
    .fields = fields::setting,
    .mends_settings = true,
};

} // namespace auth
