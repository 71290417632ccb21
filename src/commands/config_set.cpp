#include "commands/config_view.h"
#include "commands/registry.h"

namespace auth {
namespace {

struct Options {
    std::string name;
    std::string value;
};

Result<Reply> run(World& world, const Options& options) {
    AUTH_TRY(const SettingDefinition* definition, find_setting(options.name));
    AUTH_TRY(const bool changed, store_setting(world, *definition, options.value));
    return setting_reply(world, *definition, changed, "set");
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.argument("NAME", options->name, "the setting");
    flags.argument("VALUE", options->value, "its new value");
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command config_set_command{
    "config set",
    "Meta",
    "Set a setting: policy in the database, your own ways in the config file",
    "auth-cli config set session.idle 5m",
    true,
    bind,
    fields::setting,
};

} // namespace auth
