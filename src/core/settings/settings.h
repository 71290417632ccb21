// Every setting: what it may be, where its value came from. Pure: texts in, one value with its
// source out. Precedence: flag, environment, profile rule, config file, database, default.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/settings/setting_definition.h"

#include <array>
#include <map>
#include <string>
#include <string_view>

namespace auth {

// profile_rule: the rule of the config file for the working directory, which gives a profile.
enum class SettingSource { flag, environment, profile_rule, config_file, database, fallback };
[[nodiscard]] std::string_view to_name(SettingSource source);

// A typed handle; "core/settings/setting.h" has one for each setting.
template <class Value> struct Setting;

using SettingTexts = std::map<std::string, std::string, std::less<>>;

// The texts of a config file: one flat JSON object, {"profile": "work", "session.idle": "5m"}.
// Programs and profile rules may be arrays.
// Fails with usage for unknown names (suggesting the nearest) and wrong values.
[[nodiscard]] Result<SettingTexts> parse_config(std::string_view json);
[[nodiscard]] std::string write_config(const SettingTexts& texts);

class Settings {
  public:
    // `relaxed` lets values go below their minimum: only for test databases.
    void set_layer(SettingSource source, SettingTexts texts) {
        layers_.at(static_cast<std::size_t>(source)) = std::move(texts);
    }
    // Every given value is checked; fails with usage, naming the setting and its source.
    [[nodiscard]] Status check(bool relaxed) const;
    // Forgets values of a layer that check() would refuse.
    void drop_invalid(SettingSource source, bool relaxed);
    // Brings every checked value into its canonical spelling.
    void canonicalise();

    struct Value {
        std::string text; // "" where unset
        SettingSource source = SettingSource::fallback;
    };
    [[nodiscard]] Value value(const SettingDefinition& definition) const;
    [[nodiscard]] bool given(const SettingDefinition& definition) const;
    // Whether nobody chose the value.
    [[nodiscard]] bool is_default(const SettingDefinition& definition) const;
    // Where the setting is unset: "", and a number or a duration of zero.
    [[nodiscard]] std::string get(const Setting<std::string>& handle) const;
    [[nodiscard]] bool get(const Setting<bool>& handle) const;
    [[nodiscard]] std::int64_t get(const Setting<std::int64_t>& handle) const;
    [[nodiscard]] Seconds get(const Setting<Seconds>& handle) const;

  private:
    std::array<SettingTexts, 5> layers_; // by SettingSource, without the default
};

} // namespace auth
