#include "cli/help/help.h"

#include "cli/global_options.h"
#include "cli/help/prose.h"
#include "cli/help/schemas.h"
#include "cli/help/topics.h"
#include "cli/output/document.h"
#include "cli/output/exit_code.h"
#include "core/base/text.h"
#include "core/settings/settings.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {

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

namespace {

std::string usage_line(const Command& command, const Descriptions& entries) {
    std::string line = fmt::format("auth-cli {}", command.path);
    std::string tail;
    for (const Flags::Description& entry : entries) {
        const std::string name = entry.name + (entry.many && entry.positional ? "..." : "");
        if (entry.after_dashes)
            tail = entry.required ? " -- " + name : " [-- " + name + "]";
        else if (entry.required)
            line += " " + name;
        else if (entry.positional)
            line += " [" + name + "]";
    }
    return line + " [FLAGS]" + tail;
}

std::string entry_lines(std::string_view heading, const Descriptions& entries, bool positional,
                        std::size_t width) {
    std::vector<std::vector<std::string>> rows;
    for (const Flags::Description& entry : entries)
        if (entry.positional == positional)
            rows.push_back({entry.name, entry.help});
    return rows.empty() ? "" : fmt::format("\n{}:\n{}", heading, aligned(rows, width));
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

// What completion and manual want to know of a value.
Json value_of(const Flags::Description& entry) {
    return {{"value", or_null(entry.value)},
            {"kind", entry.value.empty() ? Json() : Json(to_name(entry.kind))},
            {"choices", entry.choices}};
}

Json flag_record(const Flags::Description& entry) {
    Json record = {{"flag", entry.name},   {"help", entry.help},
                   {"names", entry.names}, {"required", entry.required},
                   {"many", entry.many},   {"excludes", entry.excludes}};
    record.update(value_of(entry));
    return record;
}

Json argument_record(const Flags::Description& entry) {
    Json record = {{"name", entry.name},
                   {"required", entry.required},
                   {"many", entry.many},
                   {"help", entry.help},
                   {"after_dashes", entry.after_dashes}};
    record.update(value_of(entry));
    return record;
}

Json command_record(const Command& command) {
    Json flags = Json::array();
    Json arguments = Json::array();
    for (const Flags::Description& entry : describe(command)) {
        if (entry.positional)
            arguments.push_back(argument_record(entry));
        else
            flags.push_back(flag_record(entry));
    }
    Json fields = Json::array();
    for (const Member& member : command.fields)
        fields.push_back(member.name);
    return {{"path", command.path},
            {"group", command.group},
            {"summary", command.summary},
            {"mutates", command.mutates},
            {"arguments", std::move(arguments)},
            {"flags", std::move(flags)},
            {"fields", std::move(fields)},
            {"examples", command.examples}};
}

Json exit_code_records() {
    Json exits = Json::array();
    for (const ErrorName& name : error_names())
        exits.push_back({{"code", name.name}, {"exit", name.exit}, {"meaning", name.meaning}});
    return exits;
}

Json topic_records() {
    Json list = Json::array();
    for (const Topic& topic : topics())
        list.push_back({{"name", topic.name},
                        {"section", topic.section},
                        {"title", topic.title},
                        {"text", topic.text}});
    return list;
}

Json schema_records() {
    Json list = Json::array();
    for (const Schema& schema : schemas())
        list.push_back({{"name", schema.name}, {"title", schema.title}});
    return list;
}

Json setting_records() {
    Json list = Json::array();
    for (const SettingDefinition& definition : setting_definitions())
        list.push_back(
            {{"name", definition.name},
             {"default", or_null(definition.fallback)},
             {"environment", or_null(definition.environment)},
             {"choices", split(definition.choices, '|')},
             {"kept_in", definition.scope == SettingScope::database ? "database" : "config file"},
             {"meaning", definition.meaning}});
    return list;
}

} // namespace

std::string overview(const CommandTree& tree, std::size_t width, std::string_view noun) {
    constexpr std::string_view title =
        "auth-cli: users, passwords, sessions and tokens, without a server";
    std::string out = noun.empty() ? wrapped(title, 0, width) + "\n\n" : "";
    out += fmt::format("Usage: auth-cli {}COMMAND [ARGUMENTS] [FLAGS]\n",
                       noun.empty() ? "" : std::string(noun) + " ");
    // Commands of one heading stand together, wherever the table has them.
    std::vector<std::pair<std::string_view, std::vector<std::vector<std::string>>>> groups;
    for (const Command* command : tree) {
        if (!noun.empty() && !command->path.starts_with(std::string(noun) + " "))
            continue;
        auto group = std::find_if(groups.begin(), groups.end(),
                                  [&](const auto& known) { return known.first == command->group; });
        if (group == groups.end())
            group = groups.insert(groups.end(), {command->group, {}});
        group->second.push_back(
            {fmt::format("{:<18}", command->path), std::string(command->summary)});
    }
    for (const auto& [name, rows] : groups)
        out += fmt::format("\n{}:\n{}", name, aligned(rows, width));
    std::string names;
    for (const Topic& topic : topics())
        names += fmt::format(", '{}'", topic.name);
    return out + "\n" +
           wrapped(fmt::format("'auth-cli help COMMAND' has its flags and examples, 'auth-cli help"
                               " flags' the flags that every command takes. Further topics of the"
                               " help: {}.",
                               names.substr(2)),
                   0, width) +
           "\n";
}

std::string command_help(const Command& command, std::size_t width) {
    const Descriptions entries = describe(command);
    std::string out = fmt::format("{}\n\nUsage: {}\n{}{}", wrapped(command.summary, 0, width),
                                  wrapped(usage_line(command, entries), 7, width),
                                  entry_lines("Arguments", entries, true, width),
                                  entry_lines("Flags", entries, false, width));
    if (command.mutates)
        out += "\nSupports --dry-run: shows changes without making them.\n";
    out += "\nExamples:\n" + indented(command.examples);
    return out + "\nGlobal flags: see 'auth-cli help flags'.\n";
}

std::string global_flags(std::size_t width) {
    std::vector<std::vector<std::string>> rows;
    for (const Flags::Description& entry : describe_globals())
        rows.push_back({entry.name, entry.help});
    return aligned(rows, width);
}

Json describe(const CommandTree& tree) {
    Json list = Json::array();
    for (const Command* command : tree)
        list.push_back(command_record(*command));
    Json flags_of_all = Json::array();
    for (const Flags::Description& entry : describe_globals())
        flags_of_all.push_back(flag_record(entry));
    return {{"schema", "auth-cli.commands/1"},
            {"commands", std::move(list)},
            {"global_flags", std::move(flags_of_all)},
            {"exit_codes", exit_code_records()},
            {"topics", topic_records()},
            {"settings", setting_records()},
            {"schemas", schema_records()}};
}

} // namespace auth
