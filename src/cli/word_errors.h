// What is said of a command's words that do not fit its flags and arguments.
#pragma once

#include "core/base/result.h"

#include <string>
#include <vector>

namespace CLI {
class App;
class ParseError;
} // namespace CLI

namespace auth {

// What CLI11 did not know: a mistyped flag, or one word too many. `words` are all that were typed.
[[nodiscard]] Error unexpected_word(const CLI::App& app, const std::string& word,
                                    const std::vector<std::string>& words);
// What CLI11 refused, in words of ours.
[[nodiscard]] Error wrong_words(const CLI::App& app, const CLI::ParseError& failure,
                                const std::vector<std::string>& words);
// The command that belongs after "--" is missing, or stands before it: `left`, or "".
[[nodiscard]] Error no_command(const CLI::App& app, const char* name, const std::string& left);

} // namespace auth
