// Help, made from the table of commands and their options.
#pragma once

#include "cli/command_tree.h"

#include <string>
#include <string_view>

namespace auth {

using Descriptions = std::vector<Flags::Description>;
[[nodiscard]] Descriptions describe(const Command& command);
[[nodiscard]] Descriptions describe_globals();

// All texts fit into `width` columns, but for words and examples that do not.
// All commands by group, or those of one noun.
[[nodiscard]] std::string overview(const CommandTree& tree, std::size_t width,
                                   std::string_view noun = {});
[[nodiscard]] std::string command_help(const Command& command, std::size_t width);
// The flags that every command takes, aligned.
[[nodiscard]] std::string global_flags(std::size_t width);
// auth-cli.commands/1: paths, summaries, options, examples; topics, settings, exit codes and
// schemas.
[[nodiscard]] Json describe(const CommandTree& tree);

} // namespace auth
