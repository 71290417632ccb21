// What completion scripts ask for: the words that may stand where the cursor is.
#pragma once

#include "cli/command_tree.h"

#include <string>
#include <vector>

namespace auth {

// `words` as typed after the program's name, without their quotes; the last one, maybe empty, is at
// the cursor. The first line says what else may stand there (none, files, directories or programs)
// and whether a space follows the word (space or nospace); then a line for each word, with a tab
// before its description. Reads, and never makes, migrates or changes anything; whatever goes wrong
// leaves words out.
[[nodiscard]] std::string complete(World& world, const CommandTree& tree,
                                   const std::vector<std::string>& words);

} // namespace auth
