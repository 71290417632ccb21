#include "commands/config_view.h"
#include "commands/registry.h"

#include <CLI/CLI.hpp>

namespace auth {
namespace {

struct Options {
    std::string name;
    std::string value;
};

Result<Reply> run(World& world, const Options& options) {
    AUTH_TRY(const SettingDefinition* definition, find_setting(options.name));
    if (options.value.empty())
        return fail(error(ErrorCode::usage, "the value is empty")
                        .with_field(options.name)
                        .with_hint("auth-cli config unset " + options.name));
    AUTH_TRY(const bool changed, store_setting(world, *definition, options.value));
    return setting_reply(world, *definition, changed, "set");
}

Action bind(CLI::App& app) {
    auto options = std::make_shared<Options>();
    app.add_option("NAME", options->name, "the setting")->required()->type_name("NAME");
    app.add_option("VALUE", options->value, "its new value")->required()->type_name("VALUE");
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
};

} // namespace auth
