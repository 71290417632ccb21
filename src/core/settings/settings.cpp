#include "core/settings/settings.h"

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/settings/setting.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace auth {

std::string_view to_name(SettingSource source) {
    switch (source) {
    case SettingSource::flag:
        return "flag";
    case SettingSource::environment:
        return "environment";
    case SettingSource::profile_rule:
        return "profile rule";
    case SettingSource::config_file:
        return "config file";
    case SettingSource::database:
        return "database";
    case SettingSource::fallback:
        return "default";
    }
    return {};
}

namespace {

// Kinds whose values are JSON.
bool may_be_array(SettingKind kind) {
    return kind == SettingKind::command || kind == SettingKind::profile_rules;
}

Json as_written(std::string_view name, const std::string& value) {
    const auto definition = find_setting(name);
    if (!definition || !may_be_array((*definition)->kind))
        return value;
    const auto list = parse_json(value);
    return list ? *list : Json(value);
}

} // namespace

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
        const bool list = value.is_array() && may_be_array((*definition)->kind);
        if (!value.is_string() && !value.is_boolean() && !value.is_number_integer() && !list)
            return fail(ErrorCode::usage, fmt::format("'{}' must be {}", name,
                                                      may_be_array((*definition)->kind)
                                                          ? "a list"
                                                          : "a string, a number or a boolean"));
        texts[name] = value.is_string() ? value.get<std::string>() : value.dump();
    }
    return texts;
}

std::string write_config(const SettingTexts& texts) {
    Json document = Json::object();
    for (const auto& [name, value] : texts)
        document[name] = as_written(name, value);
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

Settings::Value Settings::value(const SettingDefinition& definition) const {
    for (std::size_t layer = 0; layer < layers_.size(); ++layer) {
        const auto found = layers_.at(layer).find(definition.name);
        if (found != layers_.at(layer).end() && !found->second.empty())
            return {found->second, static_cast<SettingSource>(layer)};
    }
    return {std::string(definition.fallback), SettingSource::fallback};
}

bool Settings::given(const SettingDefinition& definition) const {
    return !value(definition).text.empty();
}

bool Settings::is_default(const SettingDefinition& definition) const {
    return value(definition).source == SettingSource::fallback;
}

std::string Settings::get(const Setting<std::string>& handle) const {
    return value(handle).text;
}

bool Settings::get(const Setting<bool>& handle) const {
    return value(handle).text == "true";
}

std::int64_t Settings::get(const Setting<std::int64_t>& handle) const {
    return parse_integer(value(handle).text).value_or(0);
}

Seconds Settings::get(const Setting<Seconds>& handle) const {
    const auto span = parse_duration(value(handle).text);
    return span ? *span : Seconds(0);
}

} // namespace auth
