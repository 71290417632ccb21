#include "cli/help/complete.h"

#include "cli/help/candidates.h"
#include "cli/help/help.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace auth {
namespace {

using Description = Flags::Description;

// What stands before the cursor.
struct Line {
    Place place;
    std::string noun{};                   // the first word of two, before the second
    std::vector<Description> entries{};   // that may follow
    std::optional<Description> waiting{}; // a flag whose value is next
    std::set<std::string, std::less<>> given{};
    SettingTexts settings{};
    bool after_dashes = false; // which end the flags
    bool own_words = false;    // after them stands another program's command line
    bool lost = false;         // it is no command of ours
};

const Description* find_flag(const Line& line, std::string_view name) {
    for (const Description& entry : line.entries)
        if (!entry.positional &&
            std::find(entry.names.begin(), entry.names.end(), name) != entry.names.end())
            return &entry;
    return nullptr;
}

// Flags that say where to look are obeyed, with the ~ that the shell has not replaced yet.
void keep_setting(const World& world, Line& line, const std::string& flag, std::string value) {
    std::string name = flag.substr(2);
    std::replace(name.begin(), name.end(), '-', '_');
    if (value.starts_with("~/"))
        value.replace(0, 1, world.surroundings.home.string());
    if (name == "db" || name == "profile" || name == "key_file" || name == "token_file")
        line.settings[name] = std::move(value);
}

void take_word(Line& line, const std::string& word) {
    if (line.place.command != nullptr) {
        line.place.arguments.push_back(word);
        return;
    }
    const std::string path = line.noun.empty() ? word : line.noun + " " + word;
    line.place.command = line.place.tree.find(path);
    if (line.place.command != nullptr) {
        auto entries = describe(*line.place.command);
        line.own_words = std::any_of(entries.begin(), entries.end(),
                                     [](const Description& entry) { return entry.after_dashes; });
        line.entries.insert(line.entries.begin(), entries.begin(), entries.end());
    } else if (line.noun.empty() && line.place.tree.is_noun(word)) {
        line.noun = word;
    } else {
        line.lost = true;
    }
}

void take_flag(const World& world, Line& line, const std::string& word) {
    const std::size_t equals = word.find('=');
    const Description* flag = find_flag(line, word.substr(0, equals));
    if (flag == nullptr)
        return;
    line.given.insert(flag->names.back());
    if (equals != std::string::npos)
        keep_setting(world, line, flag->names.back(), word.substr(equals + 1));
    else if (!flag->value.empty())
        line.waiting = *flag;
}

Line read_line(const World& world, const CommandTree& tree, const std::vector<std::string>& words) {
    Line line{{tree}};
    line.entries = describe_globals();
    for (std::size_t i = 0; i + 1 < words.size() && !line.lost; ++i) {
        const std::string& word = words[i];
        if (line.waiting)
            keep_setting(world, line, line.waiting->names.back(), word), line.waiting.reset();
        else if (!line.after_dashes && word == "--" && line.place.command != nullptr)
            line.after_dashes = true;
        else if (!line.after_dashes && word.starts_with("-") && word != "-")
            take_flag(world, line, word);
        else
            take_word(line, word);
    }
    return line;
}

// Short names are offered only to end the word.
Candidates flags_left(const Line& line, const std::string& typed) {
    Candidates found;
    const Command* command = line.place.command;
    for (const Description& entry : line.entries) {
        const std::string& name = entry.names.back();
        const bool excluded =
            (name == "--dry-run" && command != nullptr && !command->mutates) ||
            std::any_of(entry.excludes.begin(), entry.excludes.end(),
                        [&](const auto& other) { return line.given.contains(other); });
        if (!entry.positional && !excluded && (entry.many || !line.given.contains(name)))
            for (const std::string& each : entry.names)
                if (each == name || each == typed)
                    found.words.push_back({each, entry.help});
    }
    return found;
}

// The argument whose turn it is.
const Description* next_argument(const Line& line) {
    std::size_t left = line.place.arguments.size();
    for (const Description& entry : line.entries) {
        if (!entry.positional || entry.after_dashes)
            continue;
        if (left == 0 || entry.many)
            return &entry;
        --left;
    }
    return nullptr;
}

Candidates find(World& world, const Line& line, const std::string& typed) {
    if (line.waiting)
        return candidates(world, line.place, *line.waiting, typed);
    if (line.after_dashes && line.own_words)
        return {{}, line.place.arguments.empty() ? "programs" : "files"};
    const std::size_t equals = typed.find('=');
    if (!line.after_dashes && typed.starts_with("--") && equals != std::string::npos) {
        const std::string head = typed.substr(0, equals + 1);
        const Description* flag = find_flag(line, typed.substr(0, equals));
        if (flag == nullptr || flag->value.empty())
            return {};
        Candidates found = candidates(world, line.place, *flag, typed.substr(equals + 1));
        for (Candidate& candidate : found.words)
            candidate.word.insert(0, head);
        return found;
    }
    if (!line.after_dashes && typed.starts_with('-'))
        return flags_left(line, typed);
    if (line.place.command == nullptr)
        return {command_words(line.place.tree, line.noun)};
    if (const Description* argument = next_argument(line))
        return candidates(world, line.place, *argument, typed);
    return typed.empty() ? flags_left(line, typed) : Candidates{};
}

Candidates find_in(World& world, const CommandTree& tree, const std::vector<std::string>& words) {
    if (words.empty())
        return {};
    const Line line = read_line(world, tree, words);
    if (line.lost)
        return {};
    // A config file that is wrong is told when a command runs.
    (void)world.load_settings(line.settings);
    return find(world, line, words.back());
}

} // namespace

std::string complete(World& world, const CommandTree& tree, const std::vector<std::string>& words) {
    Candidates found;
    try {
        found = find_in(world, tree, words);
    } catch (const std::exception&) {
        // A line that is being typed is no place for complaints.
    }
    std::string out = fmt::format("{} {}\n", found.others, found.space ? "space" : "nospace");
    for (const Candidate& candidate : found.words)
        if (candidate.word.starts_with(words.back()) && printable(candidate.word) == candidate.word)
            out += fmt::format("{}\t{}\n", candidate.word, printable(candidate.description));
    return out;
}

} // namespace auth
