#include "core/upkeep/finding.h"

#include "core/base/text.h"

#include <fmt/format.h>

namespace auth {

std::string_view to_name(Severity severity) {
    switch (severity) {
    case Severity::error:
        return "error";
    case Severity::warning:
        return "warning";
    case Severity::note:
        return "note";
    }
    return {};
}

Findings shadowed_settings(const SettingTexts& behind,
                           const std::function<std::string(std::string_view)>& variable) {
    Findings found;
    for (const SettingDefinition& definition : setting_definitions()) {
        if (definition.environment.empty())
            continue;
        const std::string given = variable(definition.environment);
        const auto kept = behind.find(definition.name);
        if (given.empty() || kept == behind.end() || kept->second == given)
            continue;
        found.push_back({"shadowed_setting", Severity::warning, std::string(definition.environment),
                         fmt::format("{} overrides {}, which is set to {}", definition.environment,
                                     definition.name, in_quotes(kept->second)),
                         fmt::format("unset {}", definition.environment)});
    }
    return found;
}

} // namespace auth
