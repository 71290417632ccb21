// The values that may stand for an argument or a flag.
#pragma once

#include "cli/command_tree.h"

#include <string>
#include <vector>

namespace auth {

struct Candidate {
    std::string word;
    std::string description{};
};

struct Candidates {
    std::vector<Candidate> words{};
    std::string_view others = "none"; // "files", "directories" or "programs" may stand there, too
    bool space = true;                // no more belongs to the word
};

// Where a value stands.
struct Place {
    const CommandTree& tree;
    const Command* command = nullptr;
    std::vector<std::string> arguments{}; // those before it
};

// What may be typed on from `typed`, the value so far; words that begin otherwise may be among
// them.
[[nodiscard]] Candidates candidates(World& world, const Place& place,
                                    const Flags::Description& entry, const std::string& typed);
// The first words of commands, or their second ones after `noun`.
[[nodiscard]] std::vector<Candidate> command_words(const CommandTree& tree, std::string_view noun);

} // namespace auth
