// A command: its place in the tree, its help, its options, and what running it yields.
#pragma once

#include "commands/fields.h"
#include "commands/flags.h"
#include "commands/world.h"
#include "core/base/json.h"
#include "core/base/result.h"

#include <nlohmann/json.hpp>

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

// A column of a list in text form.
struct Column {
    std::string title;
    std::string member; // of each record
};

// Records one by one, so that a long list needs no memory.
struct List {
    std::string schema; // "auth-cli.users/1"
    std::string key;    // "users"
    std::vector<Column> columns;
    std::function<std::optional<Json>()> next;
    // Members that follow the records; called after the last one.
    std::function<Json()> tail = [] { return Json::object(); };
};

// JSON records that come as text, whole lines at a time, for streams of them.
struct RecordLines {
    std::function<std::optional<std::string>()> next; // one or more lines, each with its newline
    struct Ending {
        std::string note{}; // the summary, for people
        Json document{};    // the same, which follows the records with --json
        int exit = 0;
    };
    std::function<Ending()> ending; // called after the last line
    bool machines_only = false;     // people get the summary alone
    bool raw = false;               // lines of another format, whatever the form
};

// What a command found out or did. Only output prints.
struct Reply {
    Json document;      // for --json, --field and friends; null for none
    std::string text{}; // stdout in text form, with its newline
    std::string note{}; // one line on stderr, without its newline
    std::optional<List> list{};
    std::optional<RecordLines> lines{};
    int exit = 0;
};

using Action = std::function<Result<Reply>(World&)>;

struct Command {
    std::string_view path;     // "token decode"
    std::string_view group;    // heading in the help
    std::string_view summary;  // one line
    std::string_view examples; // shell lines that run as they stand
    bool mutates;              // takes --dry-run
    Action (*bind)(Flags& flags);
    std::span<const std::string_view> fields; // members of its document or records
    bool needs_settings = true;               // fails where the config file is wrong
    bool for_subjects = false; // may run with more rights than its caller, for the caller alone
};

} // namespace auth
