#include "commands/exit_code.h"
#include "commands/global_options.h"
#include "commands/help.h"
#include "commands/registry.h"
#include "commands/views.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace auth {
namespace {

std::string exit_text() {
    std::string out = "Exit codes, the error codes that share them, and what they mean:\n\n"
                      "  0    done                done, or already as wanted\n";
    for (const ErrorName& name : error_names())
        out += fmt::format("  {:<3}  {:<18}  {}\n", name.exit, name.name, name.meaning);
    return out + "  143  SIGTERM             ended from outside\n";
}

// A part of the tree as a document of its own.
Json part(const Json& tree, const char* member) {
    return {{"schema", tree.at("schema")}, {member, tree.at(member)}};
}

Result<Reply> run(World&, const std::vector<std::string>& words) {
    Reply reply;
    reply.document = command_tree();
    const std::string path = fmt::format("{}", fmt::join(words, " "));
    if (path.empty()) {
        reply.text = overview();
    } else if (const Command* command = find_command(path)) {
        reply.text = command_help(*command);
        const auto& all = reply.document.at("commands");
        for (const Json& entry : all) {
            if (entry.at("path") == path) {
                Json one = entry;
                reply.document = std::move(one);
                break;
            }
        }
    } else if (is_noun(path)) {
        reply.text = overview(path);
    } else if (path == "flags") {
        reply.text =
            "Flags that every command takes, before or after its name:\n\n" + global_flags();
        reply.document = part(reply.document, "global_flags");
    } else if (path == "exit-codes") {
        reply.text = exit_text();
        reply.document = part(reply.document, "exit_codes");
    } else {
        std::vector<std::string> known{"flags", "exit-codes"};
        for (const Command* other : commands())
            known.emplace_back(other->path);
        const std::string meant = nearest(path, known);
        return fail(ErrorCode::not_found,
                    fmt::format("there is no command or topic '{}'", printable(path.substr(0, 80))),
                    meant.empty() ? "auth-cli help" : fmt::format("did you mean '{}'?", meant));
    }
    return reply;
}

Action bind(Flags& flags) {
    auto words = std::make_shared<std::vector<std::string>>();
    flags.optional_arguments("COMMAND", *words, "a command, 'flags' or 'exit-codes'");
    return [words](World& world) { return run(world, *words); };
}

} // namespace

const Command help_command{
    "help",
    "Meta",
    "Show help for a command or a topic",
    "auth-cli help login\n"
    "auth-cli help exit-codes",
    false,
    bind,
    fields::help,
    false,
    true,
};

} // namespace auth
