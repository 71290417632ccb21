#include "cli/typed_words.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace auth {
namespace {

using Typed = std::span<const std::string>;

constexpr std::string_view line_start = "auth-cli ";
// These are replaced by a word that was typed, if there is one.
constexpr std::array<std::string_view, 6> filled_in = {"CODE", "FILE", "ID", "KID", "NAME", "ROLE"};

constexpr std::size_t longest = 100; // of what is repeated

bool names_user(const std::string& word) {
    return (word.find('@') != std::string::npos && word.find('=') == std::string::npos) ||
           word.starts_with("id:");
}

// Takes the first word that can be what `name` stands for; `name` itself if there is none.
std::string take(std::string_view name, std::vector<std::string>& words) {
    const bool user = name == "EMAIL";
    if (!user && std::find(filled_in.begin(), filled_in.end(), name) == filled_in.end())
        return std::string(name);
    const auto found = std::find_if(words.begin(), words.end(), [&](const std::string& word) {
        return names_user(word) == user && !word.empty() && word.size() <= longest &&
               printable(word) == word;
    });
    if (found == words.end())
        return std::string(name);
    std::string taken = std::move(*found);
    words.erase(found);
    return taken;
}

// "role={ROLE}" with the value in place of the braces, or with what they name.
std::string with_value(const std::string& word, const std::string& value) {
    const std::size_t open = word.find('{');
    if (open == std::string::npos)
        return word;
    const std::string name = word.substr(open + 1, word.size() - open - 2);
    std::vector<std::string> values{value};
    return word.substr(0, open) + take(name, values);
}

// "role grant EMAIL ROLE" as a step: its command ends before the first argument.
NextStep step_of(std::string_view line, Typed typed, const std::string& value = {}) {
    std::vector<std::string> words(typed.begin(), typed.end());
    NextStep step;
    for (const std::string& word : split(line, ' ')) {
        const bool of_command =
            step.arguments.empty() && word.front() >= 'a' && word.front() <= 'z';
        if (of_command && word.find('{') == std::string::npos)
            step.command += (step.command.empty() ? "" : " ") + word;
        else if (word.find('{') != std::string::npos)
            step.arguments.push_back(with_value(word, value));
        else
            step.arguments.push_back(take(word, words));
    }
    return step;
}

Hint steps_of(std::string_view lines, Typed typed) {
    std::vector<NextStep> steps;
    while (!lines.empty()) {
        const std::size_t end = std::min(lines.find(" | "), lines.size());
        steps.push_back(step_of(lines.substr(0, end), typed));
        lines.remove_prefix(std::min(end + 3, lines.size()));
    }
    return steps;
}

std::string noun_of(const std::string& word) {
    for (const auto& [typed, meant] : typed_nouns)
        if (typed == word)
            return std::string(meant);
    return word;
}

Hint meant_by(const std::string& words, Typed rest) {
    for (const TypedCommand& row : typed_commands)
        if (row.typed == words)
            return steps_of(row.meant, rest);
    return {};
}

// A command with all arguments that it must have.
Hint step_to(const Command& command, Typed rest) {
    Flags flags(command.path);
    (void)command.bind(flags);
    std::string line(command.path);
    for (const Flags::Description& entry : flags.describe())
        if (entry.positional && entry.required && !entry.after_dashes)
            line += " " + entry.name;
    return step_of(line, rest);
}

bool lists(std::string_view commands, std::string_view command) {
    const auto names = split(commands, '|');
    return commands.empty() || std::find(names.begin(), names.end(), command) != names.end();
}

bool is_value(const std::string& word) {
    return !word.starts_with('-');
}

// What was typed as the flag's value, or "".
std::string value_of(const std::string& flag, Typed words) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i].starts_with(flag + "="))
            return words[i].substr(flag.size() + 1);
        if (words[i] == flag && i + 1 < words.size() && is_value(words[i + 1]))
            return words[i + 1];
    }
    return "";
}

} // namespace

Hint meant_by_two_words(Typed typed) {
    if (typed.size() < 2)
        return {};
    const std::string second = lower_ascii(typed[1]);
    const std::string first = lower_ascii(typed[0]);
    Hint meant = meant_by(first + " " + second, typed.subspan(2));
    return meant.empty() ? meant_by(noun_of(first) + " " + second, typed.subspan(2)) : meant;
}

Hint meant_by_command(const CommandTree& tree, Typed typed) {
    if (typed.empty())
        return {};
    if (Hint meant = meant_by_two_words(typed); !meant.empty())
        return meant;
    const std::string first = lower_ascii(typed[0]);
    const std::string noun = noun_of(first);
    if (typed.size() > 1 && noun != first) {
        const std::string second = lower_ascii(typed[1]);
        if (const Command* command = tree.find(noun == "user" ? second : noun + " " + second))
            return step_to(*command, typed.subspan(2));
    }
    return meant_by(first, typed.subspan(1));
}

Hint meant_by_flag(std::string_view command, const std::string& flag, Typed flags, Typed words) {
    for (const TypedFlag& row : typed_flags) {
        if (row.typed != flag || !lists(row.commands, command))
            continue;
        if (row.meant.starts_with('-')) {
            if (std::find(flags.begin(), flags.end(), row.meant) != flags.end())
                return fmt::format("did you mean '{}'?", row.meant);
            continue;
        }
        if (!row.meant.starts_with(line_start))
            return std::string(row.meant);
        std::string line(row.meant.substr(line_start.size()));
        if (line.starts_with("COMMAND"))
            line.replace(0, 7, command);
        const auto before = std::find_if_not(words.begin(), words.end(), is_value);
        return step_of(line, words.subspan(0, static_cast<std::size_t>(before - words.begin())),
                       value_of(flag, words));
    }
    return {};
}

std::string flag_name(const std::string& word) {
    if (word.starts_with("--"))
        return word.substr(0, word.find('='));
    const bool known = std::any_of(typed_flags.begin(), typed_flags.end(),
                                   [&](const TypedFlag& row) { return row.typed == word; });
    return known ? word : word.substr(0, 2);
}

} // namespace auth
