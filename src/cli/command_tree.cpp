#include "cli/command_tree.h"

#include <algorithm>

namespace auth {

const Command* CommandTree::find(std::string_view path) const {
    const auto found = std::find_if(table_.begin(), table_.end(),
                                    [&](const Command* command) { return command->path == path; });
    return found == table_.end() ? nullptr : *found;
}

bool CommandTree::is_noun(std::string_view word) const {
    return std::any_of(table_.begin(), table_.end(), [&](const Command* command) {
        return command->path.size() > word.size() && command->path.starts_with(word) &&
               command->path[word.size()] == ' ';
    });
}

} // namespace auth
