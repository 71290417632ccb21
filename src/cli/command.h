// A command: its place in the tree, its help, its options, and what running it yields.
#pragma once

#include "cli/flags.h"
#include "cli/output/fields.h"
#include "cli/output/reply.h"
#include "cli/world/world.h"
#include "core/base/result.h"

#include <functional>
#include <span>
#include <string_view>

namespace auth {

using Action = std::function<Result<Reply>(World&)>;

struct Command {
    std::string_view path;     // "token decode"
    std::string_view group;    // heading in the help
    std::string_view summary;  // one line
    std::string_view examples; // shell lines that run as they stand
    bool mutates = false;      // takes --dry-run
    Action (*bind)(Flags& flags);
    std::span<const Member> fields; // members of its document or records
    bool needs_settings = true;     // fails where the config file is wrong
    // Opens the database in spite of its wrong settings, which are ignored: the command mends them.
    bool mends_settings = false;
    bool for_subjects = false; // may run with more rights than its caller, for the caller alone
    // The flags that it takes from a subject, with spaces between, besides those of every command.
    // The others are for operators.
    std::string_view subject_flags{};
};

} // namespace auth
