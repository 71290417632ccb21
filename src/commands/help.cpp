#include "commands/help.h"

#include "commands/exit_code.h"
#include "commands/global_options.h"
#include "commands/registry.h"
#include "commands/views.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

std::unique_ptr<CLI::App> app_of(const Command& command) {
    auto app = std::make_unique<CLI::App>("", std::string(command.path));
    app->set_help_flag();
    (void)command.bind(*app);
    return app;
}

std::string flag_names(const CLI::Option& option) {
    std::string names;
    for (const std::string& name : option.get_snames())
        names += (names.empty() ? "-" : ", -") + name;
    for (const std::string& name : option.get_lnames())
        names += (names.empty() ? "--" : ", --") + name;
    if (option.get_items_expected_max() > 0)
        names += " " + option.get_type_name();
    return names;
}

std::string usage_line(const Command& command, const CLI::App& app) {
    std::string line = fmt::format("auth-cli {}", command.path);
    for (const CLI::Option* option : app.get_options()) {
        if (!option->get_positional())
            continue;
        const bool many = option->get_items_expected_max() > 1;
        const std::string name = option->get_type_name() + (many ? "..." : "");
        line += option->get_required() ? " " + name : " [" + name + "]";
    }
    return line + " [FLAGS]";
}

std::string flag_lines(const CLI::App& app) {
    std::vector<std::pair<std::string, std::string>> lines;
    for (const CLI::Option* option : app.get_options())
        if (!option->get_positional())
            lines.emplace_back("  " + flag_names(*option), option->get_description());
    return lines.empty() ? "" : "\nFlags:\n" + name_value_lines(lines);
}

std::string argument_lines(const CLI::App& app) {
    std::vector<std::pair<std::string, std::string>> lines;
    for (const CLI::Option* option : app.get_options())
        if (option->get_positional())
            lines.emplace_back("  " + option->get_type_name(), option->get_description());
    return lines.empty() ? "" : "\nArguments:\n" + name_value_lines(lines);
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
    std::vector<std::pair<std::string, std::string>> lines;
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
    const auto app = app_of(command);
    std::string out =
        fmt::format("{}\n\nUsage: {}\n{}{}", command.summary, usage_line(command, *app),
                    argument_lines(*app), flag_lines(*app));
    if (command.mutates)
        out += "\nTakes --dry-run, which does the same work and undoes it.\n";
    out += "\nExamples:\n" + indented(command.examples);
    return out + "\nEvery command also takes the flags of 'auth-cli help flags'.\n";
}

std::string global_flags() {
    CLI::App app;
    app.set_help_flag();
    GlobalOptions global;
    global.bind(app);
    std::vector<std::pair<std::string, std::string>> lines;
    for (const CLI::Option* option : app.get_options())
        lines.emplace_back("  " + flag_names(*option), option->get_description());
    return name_value_lines(lines);
}

Json command_tree() {
    Json list = Json::array();
    for (const Command* command : commands()) {
        const auto app = app_of(*command);
        Json flags = Json::array();
        Json arguments = Json::array();
        for (const CLI::Option* option : app->get_options()) {
            if (option->get_positional())
                arguments.push_back({{"name", option->get_type_name()},
                                     {"required", option->get_required()},
                                     {"many", option->get_items_expected_max() > 1},
                                     {"help", option->get_description()}});
            else
                flags.push_back(
                    {{"flag", flag_names(*option)}, {"help", option->get_description()}});
        }
        list.push_back({{"path", command->path},
                        {"group", command->group},
                        {"summary", command->summary},
                        {"mutates", command->mutates},
                        {"arguments", std::move(arguments)},
                        {"flags", std::move(flags)},
                        {"examples", command->examples}});
    }
    Json exits = Json::array();
    for (const ErrorName& name : error_names())
        exits.push_back({{"code", name.name}, {"exit", name.exit}});
    return {{"schema", "auth-cli.commands/1"},
            {"commands", std::move(list)},
            {"exit_codes", std::move(exits)}};
}

} // namespace auth
