// What each kind of setting may be, and how it is written.
#include "core/base/host.h"
#include "core/base/ids.h"
#include "core/base/json.h"
#include "core/base/mailbox.h"
#include "core/base/text.h"
#include "core/settings/profile_rules.h"
#include "core/settings/setting_definition.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace auth {
namespace {

constexpr std::size_t longest_path = 4096;

tl::unexpected<Error> wrong(const SettingDefinition& definition, std::string_view value,
                            std::string_view want) {
    return fail(
        error(ErrorCode::usage, fmt::format("invalid value '{}' for {}: {}",
                                            printable(value.substr(0, 80)), definition.name, want))
            .with_field(std::string(definition.name)));
}

Result<std::string> canonical_boolean(const SettingDefinition& definition, std::string_view value,
                                      bool relaxed) {
    const bool yes = value == "true" || value == "on" || value == "yes" || value == "1";
    const bool no = value == "false" || value == "off" || value == "no" || value == "0";
    if (!yes && !no)
        return wrong(definition, value, "want true or false");
    if (no && definition.off_in_test_databases_only && !relaxed)
        return wrong(definition, value, "only a test database may turn it off");
    return yes ? "true" : "false";
}

Result<std::string> canonical_integer(const SettingDefinition& definition, std::string_view value,
                                      bool relaxed) {
    const auto number = parse_integer(value);
    const std::int64_t least =
        relaxed ? std::min<std::int64_t>(definition.range.minimum, 1) : definition.range.minimum;
    if (!number || *number < least || *number > definition.range.maximum)
        return wrong(
            definition, value,
            fmt::format("must be a whole number from {} to {}", least, definition.range.maximum));
    return std::to_string(*number);
}

Result<std::string> canonical_duration(const SettingDefinition& definition, std::string_view value,
                                       bool relaxed) {
    const auto span = parse_duration(value);
    // A wait may vanish in a test database; a life may not.
    const std::int64_t least =
        relaxed && definition.range.minimum > 1 ? 0 : definition.range.minimum;
    if (!span || span->count() < least || span->count() > definition.range.maximum)
        return wrong(definition, value,
                     fmt::format("must be a duration from {} to {}", to_text(Seconds(least)),
                                 to_text(Seconds(definition.range.maximum))));
    return to_text(*span);
}

std::string comma_separated(std::string_view choices) {
    std::string out;
    for (const char c : choices)
        out += c == '|' ? std::string(", ") : std::string(1, c);
    return out;
}

Result<std::string> canonical_choice(const SettingDefinition& definition, std::string_view value) {
    const std::vector<std::string> choices = split(definition.choices, '|');
    if (std::find(choices.begin(), choices.end(), value) != choices.end())
        return std::string(value);
    auto refusal = wrong(definition, value,
                         fmt::format("must be one of {}", comma_separated(definition.choices)));
    refusal.value().hint = did_you_mean(value, choices);
    return refusal;
}

// Part of a file's name, so nothing that leaves the directory or hides.
Result<std::string> canonical_name(const SettingDefinition& definition, std::string_view value) {
    const bool good = value.size() <= 64 && value.front() != '.' && value.front() != '-' &&
                      std::all_of(value.begin(), value.end(), [](char c) {
                          return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-';
                      });
    if (!good)
        return wrong(definition, value, "want up to 64 letters, digits, '.', '_' or '-'");
    return std::string(value);
}

Result<std::string> canonical_users(const SettingDefinition& definition, std::string_view value) {
    if (value == "none" || value == "all")
        return std::string(value);
    constexpr std::string_view prefix = "role:";
    if (!value.starts_with(prefix) || !RoleName::parse(value.substr(prefix.size())))
        return wrong(definition, value, "want none, all or role:NAME");
    return std::string(value);
}

// A mail is read in the clear often enough: what it leads to must not be.
Result<std::string> canonical_web_address(const SettingDefinition& definition,
                                          std::string_view value) {
    const bool printable_ascii =
        std::all_of(value.begin(), value.end(), [](char c) { return c > ' ' && c < '\x7f'; });
    const auto at_host = [&](std::string_view start) {
        return value.starts_with(start) &&
               (value.size() == start.size() ||
                value.find_first_of("/:?", start.size()) == start.size());
    };
    const bool safe = (value.starts_with("https://") && value.size() > 8) ||
                      at_host("http://127.0.0.1") || at_host("http://[::1]") ||
                      at_host("http://localhost");
    if (!printable_ascii || !safe || value.find('#') != std::string_view::npos)
        return wrong(definition, value, "want an address that starts with https://, without #");
    return std::string(value);
}

// Claim names, or anything else a comma can separate; none of them twice.
Result<std::string> canonical_names(const SettingDefinition& definition, std::string_view value) {
    std::vector<std::string> list = split(value, ',');
    for (const std::string& name : list)
        if (name.empty() || name.size() > 64 ||
            !std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < '\x7f'; }))
            return wrong(definition, value, "want names with commas between them, without spaces");
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
    return fmt::format("{}", fmt::join(list, ","));
}

Result<std::string> canonical_mailbox(const SettingDefinition& definition, std::string_view value) {
    const auto mailbox = Mailbox::parse(value);
    if (!mailbox)
        return wrong(definition, value, "must be an address, or NAME <ADDRESS>");
    return mailbox->text();
}

Result<std::string> canonical_host(const SettingDefinition& definition, std::string_view value) {
    auto host = parse_host(value);
    if (!host)
        return wrong(definition, value, "must be the name of a host, or its address");
    return host;
}

Result<std::string> canonical_command(const SettingDefinition& definition, std::string_view value) {
    const auto words = parse_command(value);
    if (!words)
        return wrong(definition, value, words.error().message);
    return Json(*words).dump();
}

Result<std::string> canonical_rules(const SettingDefinition& definition, std::string_view value) {
    const auto rules = parse_profile_rules(value);
    if (!rules)
        return wrong(definition, value, rules.error().message);
    return to_text(*rules);
}

} // namespace

Result<std::vector<std::string>> parse_command(std::string_view text) {
    const auto refuse = [] {
        return fail(ErrorCode::usage,
                    "must be the absolute path of a program, or an array of that and its"
                    " arguments");
    };
    if (text.starts_with('/')) {
        AUTH_TRY(std::string program, parse_line("command", text, longest_path));
        return std::vector{std::move(program)};
    }
    const auto list = parse_json(text);
    if (!list || !list->is_array() || list->empty())
        return refuse();
    std::vector<std::string> words;
    for (const Json& word : *list) {
        if (!word.is_string() || word.get_ref<const std::string&>().find('\0') != std::string::npos)
            return refuse();
        words.push_back(word.get<std::string>());
    }
    if (!words.front().starts_with('/'))
        return refuse();
    return words;
}

Result<std::string> canonical_setting(const SettingDefinition& definition, std::string_view value,
                                      bool relaxed) {
    if (value.empty())
        return wrong(definition, value, "it is empty");
    switch (definition.kind) {
    case SettingKind::boolean:
        return canonical_boolean(definition, value, relaxed);
    case SettingKind::integer:
        return canonical_integer(definition, value, relaxed);
    case SettingKind::duration:
        return canonical_duration(definition, value, relaxed);
    case SettingKind::choice:
        return canonical_choice(definition, value);
    case SettingKind::name:
        return canonical_name(definition, value);
    case SettingKind::names:
        return canonical_names(definition, value);
    case SettingKind::users:
        return canonical_users(definition, value);
    case SettingKind::web_address:
        return canonical_web_address(definition, value);
    case SettingKind::mailbox:
        return canonical_mailbox(definition, value);
    case SettingKind::host:
        return canonical_host(definition, value);
    case SettingKind::command:
        return canonical_command(definition, value);
    case SettingKind::profile_rules:
        return canonical_rules(definition, value);
    case SettingKind::text:
    case SettingKind::path:
        return parse_line(definition.name, value, longest_path);
    }
    return std::string(value);
}

} // namespace auth
