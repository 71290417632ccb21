// What a command answers: a document for machines, text for people, lists for both.
#pragma once

#include "core/base/json.h"

#include <nlohmann/json.hpp>

#include <functional>
#include <optional>
#include <string>
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
    // Members that follow the records, if any; called after the last one.
    std::function<Json()> tail{};
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
    bool only_copy = false; // of a secret made here: it comes out even if a mail was not sent
    // What undoes the act where its answer could not be written: nobody else can give it.
    std::function<void()> if_lost{};
};

} // namespace auth
