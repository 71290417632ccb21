#include "core/settings/settings.h"

#include "core/base/json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <stdexcept>

namespace auth {

std::string_view to_name(SettingSource source) {
    switch (source) {
    case SettingSource::flag:
        return "flag";
    case SettingSource::environment:
        return "environment";
    case SettingSource::config_file:
        return "config file";
    case SettingSource::database:
        return "database";
    case SettingSource::fallback:
        return "default";
    }
    return {};
}

Result<SettingTexts> parse_config(std::string_view json) {
    AUTH_TRY(const Json document, parse_json(json));
    if (!document.is_object())
        return fail(ErrorCode::usage, "the config file must hold one JSON object");
    SettingTexts texts;
    for (const auto& [name, value] : document.items()) {
        auto definition = find_setting(name);
        if (!definition) {
            definition.error().code = ErrorCode::usage;
            return fail(definition.error());
        }
        if (!value.is_string() && !value.is_boolean() && !value.is_number_integer())
            return fail(ErrorCode::usage,
                        fmt::format("'{}' must be a string, a number or a boolean", name));
        texts[name] = value.is_string() ? value.get<std::string>() : value.dump();
    }
    return texts;
}

std::string write_config(const SettingTexts& texts) {
    Json document = Json::object();
    for (const auto& [name, value] : texts)
        document[name] = value;
    return document.dump(2) + "\n";
}

namespace {

// Where a person finds the value that is wrong.
std::string origin(SettingSource source, const SettingDefinition& definition) {
    if (source == SettingSource::environment)
        return std::string(definition.environment);
    if (source != SettingSource::flag)
        return fmt::format("the {}", to_name(source));
    std::string flag(definition.name);
    std::replace(flag.begin(), flag.end(), '_', '-');
    return "--" + flag;
}

} // namespace

Status Settings::check(bool relaxed) const {
    for (std::size_t layer = 0; layer < layers_.size(); ++layer) {
        for (const auto& [name, value] : layers_.at(layer)) {
            AUTH_TRY(const SettingDefinition* definition, find_setting(name));
            auto good = canonical_setting(*definition, value, relaxed);
            if (!good) {
                good.error().message += fmt::format(
                    " (from {})", origin(static_cast<SettingSource>(layer), *definition));
                return fail(good.error());
            }
        }
    }
    return {};
}

void Settings::drop_invalid(SettingSource source, bool relaxed) {
    std::erase_if(layers_.at(static_cast<std::size_t>(source)), [&](const auto& entry) {
        const auto definition = find_setting(entry.first);
        return !definition || !canonical_setting(**definition, entry.second, relaxed);
    });
}

void Settings::canonicalise() {
    for (SettingTexts& layer : layers_)
        for (auto& [name, value] : layer)
            if (const auto definition = find_setting(name))
                if (auto good = canonical_setting(**definition, value, true))
                    value = *std::move(good);
}

Settings::Value Settings::value(std::string_view name) const {
    for (std::size_t layer = 0; layer < layers_.size(); ++layer) {
        const auto found = layers_.at(layer).find(name);
        if (found != layers_.at(layer).end() && !found->second.empty())
            return {found->second, static_cast<SettingSource>(layer)};
    }
    const auto definition = find_setting(name);
    if (!definition)
        throw std::logic_error("no such setting: " + std::string(name));
    return {std::string((*definition)->fallback), SettingSource::fallback};
}

std::int64_t Settings::integer(std::string_view name) const {
    return std::stoll(text(name));
}

Seconds Settings::duration(std::string_view name) const {
    const auto span = parse_duration(text(name));
    return span ? *span : Seconds(0);
}

} // namespace auth
