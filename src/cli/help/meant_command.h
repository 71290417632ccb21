// What somebody meant who typed a command that there is not.
#pragma once

#include "cli/command_tree.h"

#include <span>
#include <string>

namespace auth {

// A command, or the first word of several; "" where nothing is near. Of two words the second may be
// an argument.
[[nodiscard]] std::string meant_command(const CommandTree& tree,
                                        std::span<const std::string> words);

} // namespace auth
