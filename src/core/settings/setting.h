// Handles of the settings: setting<"session.idle"> refers to its row of the table and knows the
// type of its values. A misspelt name does not compile.
#pragma once

#include "core/base/clock.h"
#include "core/settings/all_settings.h"
#include "core/settings/settings.h"

#include <algorithm>
#include <type_traits>

namespace auth {

template <class Value> struct Setting {
    const SettingDefinition& definition;

    // NOLINTNEXTLINE(google-explicit-constructor): a handle stands for its definition
    constexpr operator const SettingDefinition&() const { return definition; }
    [[nodiscard]] constexpr std::string_view name() const { return definition.name; }
};

template <std::size_t size> struct SettingName {
    std::array<char, size> text{};

    consteval SettingName(const char (&literal)[size]) { std::copy_n(literal, size, text.begin()); }
    [[nodiscard]] constexpr std::string_view view() const { return {text.data(), size - 1}; }
};

template <SettingName name> consteval std::size_t setting_index() {
    std::size_t at = 0;
    while (at < all_settings.size() && all_settings[at].name != name.view())
        ++at;
    return at;
}

// Integers, durations and booleans have a type of their own; all others are texts.
template <SettingKind kind>
using SettingValue = std::conditional_t<
    kind == SettingKind::boolean, bool,
    std::conditional_t<kind == SettingKind::integer, std::int64_t,
                       std::conditional_t<kind == SettingKind::duration, Seconds, std::string>>>;

template <SettingName name> consteval auto setting_handle() {
    constexpr std::size_t at = setting_index<name>();
    static_assert(at < all_settings.size(), "there is no setting of this name");
    return Setting<SettingValue<all_settings[at].kind>>{all_settings[at]};
}

template <SettingName name> inline constexpr auto setting = setting_handle<name>();

} // namespace auth
