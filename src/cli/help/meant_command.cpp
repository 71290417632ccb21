#include "cli/help/meant_command.h"

#include "cli/typed_words.h"
#include "core/base/text.h"

#include <vector>

namespace auth {
namespace {

// A lone word resembles a first one, or is the second of one command only.
std::string meant_word(const CommandTree& tree, const std::string& typed) {
    std::vector<std::string> firsts;
    std::vector<std::string> seconds;
    for (const Command* command : tree) {
        const std::string path(command->path);
        const std::size_t space = path.find(' ');
        firsts.push_back(path.substr(0, space));
        if (space != std::string::npos && path.substr(space + 1) == typed)
            seconds.push_back(path);
    }
    return seconds.size() == 1 ? seconds.front() : nearest(typed, firsts);
}

std::string meant_after(const CommandTree& tree, const std::string& noun,
                        const std::string& typed) {
    std::vector<std::string> paths;
    for (const Command* command : tree)
        if (command->path.starts_with(noun + " "))
            paths.emplace_back(command->path);
    return nearest(noun + " " + typed, paths);
}

} // namespace

std::string meant_command(const CommandTree& tree, std::span<const std::string> words) {
    if (words.empty())
        return "";
    const Hint known = meant_by_command(tree, words);
    if (!known.steps.empty() && known.steps.front().command != "help")
        return known.steps.front().command;
    std::string first = tree.is_noun(words[0]) ? words[0] : meant_word(tree, words[0]);
    if (words.size() == 1 || (!first.empty() && !tree.is_noun(first)))
        return first;
    // As in "user create".
    if (first.empty())
        return tree.find(words[1]) != nullptr ? words[1] : "";
    const std::string both = meant_after(tree, first, words[1]);
    return both.empty() && first != words[0] ? first : both;
}

} // namespace auth
