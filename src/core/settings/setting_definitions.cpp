// Settings found by name.
#include "core/base/text.h"
#include "core/settings/all_settings.h"

#include <fmt/format.h>

namespace auth {
namespace {

std::vector<std::string> known_names() {
    std::vector<std::string> out;
    for (const SettingDefinition& definition : all_settings)
        out.emplace_back(definition.name);
    return out;
}

} // namespace

std::span<const SettingDefinition> setting_definitions() {
    return all_settings;
}

Result<const SettingDefinition*> find_setting(std::string_view name) {
    for (const SettingDefinition& definition : all_settings)
        if (definition.name == name)
            return &definition;
    const std::vector<std::string> known = known_names();
    return fail(error(ErrorCode::not_found,
                      fmt::format("there is no setting '{}'", printable(name.substr(0, 80))))
                    .with_field("setting")
                    .with_hint(did_you_mean(name, known, NextStep{"config list"})));
}

} // namespace auth
