// What to do next, as data: the core names a command, the command line words it.
#pragma once

#include <string>
#include <vector>

namespace auth {

// A command that helps.
struct NextStep {
    std::string command; // its path in the command tree: "key list"
    // As they reach the program, unquoted. EMAIL, NAME, FILE and the like are to be filled in.
    std::vector<std::string> arguments{};

    bool operator==(const NextStep& other) const;
};

// Words, commands, or both: the words then say what the commands are for. Several commands are
// alternatives. Its members are out of line, as those of Error.
struct Hint {
    std::string words;
    std::vector<NextStep> steps;

    Hint();
    Hint(std::string text);                   // NOLINT(google-explicit-constructor)
    Hint(const char* text);                   // NOLINT(google-explicit-constructor)
    Hint(NextStep step);                      // NOLINT(google-explicit-constructor)
    Hint(std::vector<NextStep> alternatives); // NOLINT(google-explicit-constructor)
    Hint(std::string text, NextStep step);
    Hint(const Hint&);
    Hint(Hint&&) noexcept;
    Hint& operator=(const Hint&);
    Hint& operator=(Hint&&) noexcept;
    ~Hint();

    [[nodiscard]] bool empty() const { return words.empty() && steps.empty(); }
    // This hint where it says something, else the other one.
    [[nodiscard]] Hint or_else(Hint other) const;

    friend bool operator==(const Hint& a, const Hint& b) {
        return a.words == b.words && a.steps == b.steps;
    }
};

} // namespace auth
