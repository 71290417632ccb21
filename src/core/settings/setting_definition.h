// What a setting may be: its kind, its range and where its value may come from.
#pragma once

#include "core/base/result.h"

#include <cstdint>
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
    command,       // a program by its absolute path, or a JSON array of that and its arguments
    profile_rules, // a JSON array; see core/settings/profile_rules.h
};

// Where `config set` keeps it: policy in the database, a person's own ways in the config file.
enum class SettingScope { database, user };

// Of integers, or of durations in seconds. A test database allows any minimum.
struct SettingRange {
    std::int64_t minimum = 0;
    std::int64_t maximum = 0;
};

struct SettingDefinition {
    std::string_view name;
    SettingKind kind = SettingKind::text;
    SettingScope scope = SettingScope::database;
    std::string_view fallback{};    // the default, or "" for none
    std::string_view environment{}; // variable that gives it, or ""
    SettingRange range{};
    std::string_view unit{}; // of an integer, in the plural
    bool off_in_test_databases_only = false;
    std::string_view choices{}; // "a|b" for a choice
    std::string_view meaning{}; // one line for people
    std::string_view why{};     // the reason for its range, or for being always on
};

[[nodiscard]] std::span<const SettingDefinition> setting_definitions();
// Fails with not_found, suggesting the nearest name.
[[nodiscard]] Result<const SettingDefinition*> find_setting(std::string_view name);
// The value as it is stored and compared: "on" becomes "true", "600s" "10m". Fails with usage.
[[nodiscard]] Result<std::string> canonical_setting(const SettingDefinition& definition,
                                                    std::string_view value, bool relaxed);

// The words of a setting of kind command. Fails with usage.
[[nodiscard]] Result<std::vector<std::string>> parse_command(std::string_view text);

} // namespace auth
