// Every setting: what it may be, where its value came from. Pure: texts in, one value with its
// source out. Precedence: flag, environment, config file, database, default.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"

#include <array>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

enum class SettingKind {
    text,
    name,
    names,
    path,
    boolean,
    integer,
    duration,
    choice,
    users, // "none", "all" or "role:NAME"
    web_address,
    mailbox,
    host,
};

// Where `config set` keeps it: policy in the database, a person's own ways in the config file.
enum class SettingScope { database, user };

struct SettingDefinition {
    std::string_view name;
    SettingKind kind;
    SettingScope scope;
    std::string_view fallback;    // the default, or "" for none
    std::string_view environment; // variable that gives it, or ""
    // Range of integers, or of durations in seconds. A test database allows any minimum.
    std::int64_t minimum;
    std::int64_t maximum;
    std::string_view choices; // "a|b" for a choice
    std::string_view meaning; // one line for people
};

[[nodiscard]] std::span<const SettingDefinition> setting_definitions();
// Fails with not_found, suggesting the nearest name.
[[nodiscard]] Result<const SettingDefinition*> find_setting(std::string_view name);
// The value as it is stored and compared: "on" becomes "true", "600s" "10m". Fails with usage.
[[nodiscard]] Result<std::string> canonical_setting(const SettingDefinition& definition,
                                                    std::string_view value, bool relaxed);

enum class SettingSource { flag, environment, config_file, database, fallback };
[[nodiscard]] std::string_view to_name(SettingSource source);

using SettingTexts = std::map<std::string, std::string, std::less<>>;

// The texts of a config file: one flat JSON object, {"profile": "work", "session.idle": "5m"}.
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
    // `name` must be a defined setting: an unknown one is a bug.
    [[nodiscard]] Value value(std::string_view name) const;
    [[nodiscard]] std::string text(std::string_view name) const { return value(name).text; }
    [[nodiscard]] bool given(std::string_view name) const { return !text(name).empty(); }
    [[nodiscard]] bool boolean(std::string_view name) const { return text(name) == "true"; }
    [[nodiscard]] std::int64_t integer(std::string_view name) const;
    [[nodiscard]] Seconds duration(std::string_view name) const;

  private:
    std::array<SettingTexts, 4> layers_; // by SettingSource, without the default
};

} // namespace auth
