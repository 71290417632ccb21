// From words to an exit code: finds the command, parses its options, runs it and shows the reply.
#pragma once

#include "cli/command_tree.h"

#include <string>
#include <vector>

namespace auth {

// `arguments` without the program's name.
[[nodiscard]] int run(const std::vector<std::string>& arguments, const CommandTree& tree,
                      World& world);

} // namespace auth
