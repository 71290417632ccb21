#include "cli/global_options.h"
#include "cli/help/help.h"
#include "cli/help/meant_command.h"
#include "cli/help/prose.h"
#include "cli/help/schemas.h"
#include "cli/help/topics.h"
#include "commands/registry.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace auth {
namespace {

// Members of the tree as a document of their own.
Json part(const Json& tree, const std::vector<const char*>& members) {
    Json out = {{"schema", tree.at("schema")}};
    for (const char* member : members)
        out[member] = tree.at(member);
    return out;
}

// The one of these records whose member is this.
Json record_of(const Json& records, const char* member, std::string_view value) {
    for (const Json& record : records)
        if (record.at(member) == value)
            return record;
    return {};
}

Error no_topic(const std::string& path, const std::vector<std::string>& words) {
    std::vector<std::string> known{"flags", "schema"};
    for (const Topic& topic : topics())
        known.emplace_back(topic.name);
    const std::string command = meant_command(commands(), words);
    return error(ErrorCode::not_found,
                 fmt::format("there is no command or topic '{}'", printable(path.substr(0, 80))))
        .with_hint(command.empty() ? did_you_mean(path, known, NextStep{"help"})
                                   : Hint(fmt::format("did you mean '{}'?", command)));
}

// The nearest name, for "user" as well.
Error no_schema(const std::string& name) {
    std::string whole = name.starts_with("auth-cli.") ? name : "auth-cli." + name;
    if (whole.find('/') == std::string::npos)
        whole += "/1";
    std::vector<std::string> known;
    for (const Schema& schema : schemas())
        known.push_back(schema.name);
    return error(ErrorCode::not_found,
                 fmt::format("there is no schema '{}'", printable(name.substr(0, 80))))
        .with_hint(did_you_mean(whole, known, NextStep{"help", {"schema"}}));
}

// "help schema" lists them, "help schema NAME" prints one.
Result<Reply> run_schema(const Json& tree, const std::vector<std::string>& words,
                         std::size_t width) {
    if (words.size() == 1) {
        std::vector<std::vector<std::string>> rows;
        for (const Schema& schema : schemas())
            rows.push_back({schema.name, std::string(schema.title)});
        return Reply{part(tree, {"schemas"}), aligned(rows, width)};
    }
    const std::string name = fmt::format("{}", fmt::join(words.begin() + 1, words.end(), " "));
    const Schema* schema = find_schema(name);
    if (schema == nullptr)
        return fail(no_schema(name));
    return Reply{parse_json(schema->text, 64).value(), std::string(schema->text)};
}

Result<Reply> run(World& world, const std::vector<std::string>& words) {
    const std::size_t width = text_width(world.streams);
    const std::string path = fmt::format("{}", fmt::join(words, " "));
    const Json tree = describe(commands());
    if (path.empty())
        return Reply{tree, overview(commands(), width)};
    if (const Command* command = commands().find(path))
        return Reply{record_of(tree.at("commands"), "path", path), command_help(*command, width)};
    if (commands().is_noun(path))
        return Reply{tree, overview(commands(), width, path)};
    if (!words.empty() && words.front() == "schema")
        return run_schema(tree, words, width);
    if (path == "flags")
        return Reply{part(tree, {"global_flags"}),
                     "Flags that every command takes, before or after its name:\n\n" +
                         global_flags(width)};
    const Topic* topic = find_topic(path);
    if (topic == nullptr)
        return fail(no_topic(path, words));
    Json document =
        part(tree, path == "exit-codes" ? std::vector{"exit_codes"} : std::vector<const char*>{});
    document["topics"] = Json::array({record_of(tree.at("topics"), "name", path)});
    return Reply{std::move(document), prose_text(topic->text, width)};
}

Action bind(Flags& flags) {
    auto words = std::make_shared<std::vector<std::string>>();
    flags.optional_arguments("COMMAND", *words,
                             "a command, 'flags', 'schema', or another topic of the help");
    flags.takes("COMMAND", ValueKind::command);
    return [words](World& world) { return run(world, *words); };
}

} // namespace

const Command help_command{
    .path = "help",
    .group = "Meta",
    .summary = "Show help for a command or a topic",
    .examples = "auth-cli help login\n"
                "auth-cli help exit-codes\n"
                "auth-cli help where\n"
                "auth-cli help schema auth-cli.user/1",
    .bind = bind,
    .fields = fields::help,
    .needs_settings = false,
    .for_subjects = true,
};

} // namespace auth
