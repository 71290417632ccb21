#include "commands/meta/setting_view.h"
#include "commands/meta/store_setting.h"
#include "commands/registry.h"
#include "core/users/roles.h"

#include <fmt/format.h>

namespace auth {
namespace {

struct Options {
    std::string name;
    std::string value;
};

// A role may be named before it is made, but a slip should show.
Result<std::string> missing_role(World& world, const std::string& value) {
    const std::size_t colon = value.find(':');
    if (colon == std::string::npos)
        return std::string();
    const std::string name = value.substr(colon + 1);
    AUTH_TRY(auto& realm, world.realm());
    const auto role = RoleName::parse(name);
    if (!role || find_role(realm, *role))
        return std::string();
    return fmt::format("; there is no role '{}' yet", name);
}

Result<Reply> run(World& world, const Options& options) {
    AUTH_TRY(const SettingDefinition* definition, find_setting(options.name));
    AUTH_TRY(const bool changed, store_setting(world, *definition, options.value));
    Reply reply = setting_reply(world, *definition, changed, "set");
    if (definition->kind == SettingKind::users) {
        AUTH_TRY(const std::string missing, missing_role(world, options.value));
        reply.note += missing;
    }
    return reply;
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.argument("NAME", options->name, "the setting");
    flags.argument("VALUE", options->value, "its new value");
    flags.takes("NAME", ValueKind::setting);
    flags.takes("VALUE", ValueKind::setting_value);
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command config_set_command{
    .path = "config set",
    .group = "Meta",
    .summary = "Change a setting in the database or in the config file",
    .examples = "auth-cli config set session.idle 5m",
    .mutates = true,
    .bind = bind,
    .fields = fields::setting,
    .mends_settings = true,
};

} // namespace auth
