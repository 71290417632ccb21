#include "cli/next_step.h"

#include "core/base/text.h"
#include "core/settings/setting.h"
#include "core/store/postgres_url.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace auth {
namespace {

using ShellWords = std::vector<std::string>;

// These tell the same whatever the database.
constexpr std::array<std::string_view, 3> without_place = {"help", "completion", "version"};

bool has_place(const NextStep& step) {
    return std::find(without_place.begin(), without_place.end(), step.command) ==
               without_place.end() &&
           std::find(step.arguments.begin(), step.arguments.end(), "--help") ==
               step.arguments.end();
}

// What follows a "--" is another program's.
bool names(const ShellWords& arguments, std::string_view flag) {
    const auto end = std::find(arguments.begin(), arguments.end(), "--");
    return std::any_of(arguments.begin(), end, [&](const std::string& word) {
        return word == flag || word.starts_with(std::string(flag) + "=");
    });
}

ShellWords flags_for(const NextStep& step, const GivenFlags& given) {
    if (!has_place(step))
        return {};
    ShellWords out;
    const auto add = [&](const std::string& flag, const std::string& value) {
        if (value.empty() || names(step.arguments, flag))
            return;
        if (value.starts_with('-')) {
            out.push_back(flag + "=" + value);
        } else {
            out.push_back(flag);
            out.push_back(value);
        }
    };
    if (!names(step.arguments, "--db")) {
        add("--db", shown_url(given.db));
        add("--key-file", given.key_file);
    }
    add("--profile", given.profile);
    add("--token-file", given.token_file);
    return out;
}

} // namespace

GivenFlags given_flags(const Settings& settings) {
    const auto given = [&](const SettingDefinition& definition) {
        const auto [text, source] = settings.value(definition);
        return source == SettingSource::flag ? text : std::string();
    };
    return {.db = given(setting<"db">),
            .key_file = given(setting<"key_file">),
            .profile = given(setting<"profile">),
            .token_file = given(setting<"token_file">)};
}

std::string as_typed(const NextStep& step, const GivenFlags& given) {
    ShellWords words = step.arguments;
    const ShellWords flags = flags_for(step, given);
    words.insert(std::find(words.begin(), words.end(), "--"), flags.begin(), flags.end());
    std::string out = "auth-cli " + step.command;
    for (const std::string& word : words)
        out += " " + shell_word(word);
    return out;
}

std::string in_words(const Hint& hint, const GivenFlags& given) {
    std::string commands;
    for (const NextStep& step : hint.steps)
        commands += (commands.empty() ? "" : ", or ") + as_typed(step, given);
    if (hint.words.empty() || commands.empty())
        return hint.words + commands;
    return hint.words + ": " + commands;
}

} // namespace auth
