#include "commands/help.h"

#include "commands/exit_code.h"
#include "commands/global_options.h"
#include "commands/registry.h"
#include "commands/views.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

using Descriptions = std::vector<Flags::Description>;

Descriptions describe(const Command& command) {
    Flags flags(command.path);
    (void)command.bind(flags);
    return flags.describe();
}

Descriptions describe_globals() {
    Flags flags("");
    GlobalOptions global;
    global.bind(flags);
    return flags.describe();
}

std::string usage_line(const Command& command, const Descriptions& entries) {
    std::string line = fmt::format("auth-cli {}", command.path);
    for (const Flags::Description& entry : entries) {
        if (!entry.positional)
            continue;
        const std::string name = entry.name + (entry.many ? "..." : "");
        if (entry.after_dashes)
            return line + " [FLAGS] -- " + name;
        line += entry.required ? " " + name : " [" + name + "]";
    }
    return line + " [FLAGS]";
}

std::string entry_lines(std::string_view heading, const Descriptions& entries, bool positional) {
    Lines lines;
    for (const Flags::Description& entry : entries)
        if (entry.positional == positional)
            lines.emplace_back("  " + entry.name, entry.help);
    return lines.empty() ? "" : fmt::format("\n{}:\n{}", heading, name_value_lines(lines));
}

std::string indented(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        out += fmt::format("  {}\n", text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

} // namespace

std::string overview(std::string_view noun) {
    std::string out = noun.empty()
                          ? "auth-cli: users, passwords, sessions and tokens, without a server\n\n"
                            "Usage: auth-cli COMMAND [ARGUMENTS] [FLAGS]\n"
                          : fmt::format("Usage: auth-cli {} COMMAND [ARGUMENTS] [FLAGS]\n", noun);
    std::string_view group;
    Lines lines;
    const auto flush = [&] {
        if (!lines.empty())
            out += fmt::format("\n{}:\n{}", group, name_value_lines(lines));
        lines.clear();
    };
    for (const Command* command : commands()) {
        if (!noun.empty() && !command->path.starts_with(std::string(noun) + " "))
            continue;
        if (command->group != group) {
            flush();
            group = command->group;
        }
        lines.emplace_back(fmt::format("  {:<16}", command->path), command->summary);
    }
    flush();
    out +=
        "\nRun 'auth-cli help COMMAND' for its flags and examples; 'auth-cli help flags' for the\n"
        "flags that every command takes; 'auth-cli help exit-codes' for what failures mean.\n";
    return out;
}

std::string command_help(const Command& command) {
    const Descriptions entries = describe(command);
    std::string out =
        fmt::format("{}\n\nUsage: {}\n{}{}", command.summary, usage_line(command, entries),
                    entry_lines("Arguments", entries, true), entry_lines("Flags", entries, false));
    if (command.mutates)
        out += "\nTakes --dry-run, which does the same work and undoes it.\n";
    out += "\nExamples:\n" + indented(command.examples);
    return out + "\nEvery command also takes the flags of 'auth-cli help flags'.\n";
}

std::string global_flags() {
    Lines lines;
    for (const Flags::Description& entry : describe_globals())
        lines.emplace_back("  " + entry.name, entry.help);
    return name_value_lines(lines);
}

Json command_tree() {
    Json list = Json::array();
    for (const Command* command : commands()) {
        Json flags = Json::array();
        Json arguments = Json::array();
        for (const Flags::Description& entry : describe(*command)) {
            if (entry.positional)
                arguments.push_back({{"name", entry.name},
                                     {"required", entry.required},
                                     {"many", entry.many},
                                     {"help", entry.help}});
            else
                flags.push_back({{"flag", entry.name}, {"help", entry.help}});
        }
        list.push_back(
            {{"path", command->path},
             {"group", command->group},
             {"summary", command->summary},
             {"mutates", command->mutates},
             {"arguments", std::move(arguments)},
             {"flags", std::move(flags)},
             {"fields", std::vector<std::string>(command->fields.begin(), command->fields.end())},
             {"examples", command->examples}});
    }
    Json flags_of_all = Json::array();
    for (const Flags::Description& entry : describe_globals())
        flags_of_all.push_back({{"flag", entry.name}, {"help", entry.help}});
    Json exits = Json::array();
    for (const ErrorName& name : error_names())
        exits.push_back({{"code", name.name}, {"exit", name.exit}, {"meaning", name.meaning}});
    return {{"schema", "auth-cli.commands/1"},
            {"commands", std::move(list)},
            {"global_flags", std::move(flags_of_all)},
            {"exit_codes", std::move(exits)}};
}

} // namespace auth
