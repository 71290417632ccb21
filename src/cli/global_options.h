// The flags that every command takes, before or after its name.
#pragma once

#include "cli/flags.h"
#include "cli/next_step.h"
#include "cli/output/output.h"
#include "cli/world/world.h"

#include <string>
#include <string_view>

namespace auth {

struct GlobalOptions {
    std::string db, profile, token_file, key_file, color, time_format, fields, field, output;
    bool quiet = false, verbose = false, no_input = false, dry_run = false;
    bool json = false, jsonl = false, plain = false, help = false, version = false;

    void bind(Flags& flags);
    // The settings that flags give.
    [[nodiscard]] SettingTexts texts() const;
    [[nodiscard]] Status check() const;
};

// The long name of one of them.
[[nodiscard]] bool is_global_flag(std::string_view name);

// Whether this word is a global flag that takes the next word as its value.
[[nodiscard]] bool takes_value(std::string_view word);

// The flags of NextStep as they were typed, for words that could not be parsed.
[[nodiscard]] GivenFlags early_given(const std::vector<std::string>& words);

// Fails with usage if one of the words is not such a flag or its value.
[[nodiscard]] Status check_global_flags(const std::vector<std::string>& words);

// The form of errors, as far as bare words and the environment tell before anything is parsed.
[[nodiscard]] OutputForm early_form(const std::vector<std::string>& words, const World& world);

} // namespace auth
