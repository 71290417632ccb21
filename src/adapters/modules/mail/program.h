// A program that is given some text and ends within a time.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/base/secret.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

struct Ended {
    std::optional<int> status{}; // its exit code, or 128 and the signal; nothing: not known
    bool late = false;           // killed for taking too long
    std::string said{};          // on stderr, cut to 4 KiB
    Secret printed{};            // on stdout, if that is kept, cut to longest_output + 1 bytes
};
inline constexpr std::size_t longest_output = 16384;

// Its complaint as one printable line, or "".
[[nodiscard]] std::string complaint_of(const Ended& ended);

enum class Output { ignored, kept };

// Runs command[0], an absolute path, without a shell, with `input` on stdin and nothing of this
// process's environment or descriptors. Fails with io where it cannot be started.
[[nodiscard]] Result<Ended> run_program(const std::vector<std::string>& command,
                                        std::string_view input, Output output, Seconds limit);

} // namespace auth
