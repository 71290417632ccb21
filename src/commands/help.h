// Help, made from the table of commands and their options.
#pragma once

#include "commands/command.h"

#include <string>
#include <string_view>

namespace auth {

// All commands by group, or those of one noun.
[[nodiscard]] std::string overview(std::string_view noun = {});
[[nodiscard]] std::string command_help(const Command& command);
// The flags that every command takes, aligned.
[[nodiscard]] std::string global_flags();
// auth-cli.commands/1: paths, summaries, options, examples.
[[nodiscard]] Json command_tree();

} // namespace auth
