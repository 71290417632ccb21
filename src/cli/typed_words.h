// Looks up what somebody typed who knows other tools, but only after the command line failed to
// parse: no row changes what a valid command line does.
#pragma once

#include "cli/command_tree.h"
#include "cli/typed_commands.h"
#include "cli/typed_flags.h"
#include "core/base/next_step.h"

#include <span>
#include <string>
#include <string_view>

namespace auth {

// What replaces words that are no command: the words of the command, then those that were typed
// after them, up to the first flag. Empty if nothing is known of them.
[[nodiscard]] Hint meant_by_command(const CommandTree& tree, std::span<const std::string> typed);
// The same for two words of which the first is a command, as in "list users".
[[nodiscard]] Hint meant_by_two_words(std::span<const std::string> typed);

// What replaces a flag. `flags` are those that the command has, `words` all that were typed after
// the command. Empty if no row applies.
[[nodiscard]] Hint meant_by_flag(std::string_view command, const std::string& flag,
                                 std::span<const std::string> flags,
                                 std::span<const std::string> words);
// The flag in a word like "--name=value" or "-nvalue". The value may be a secret.
[[nodiscard]] std::string flag_name(const std::string& word);

} // namespace auth
