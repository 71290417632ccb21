#include "cli/global_options.h"

#include "core/settings/setting.h"

#include <algorithm>
#include <array>
#include <utility>

namespace auth {
namespace {

constexpr std::array<std::string_view, 10> valued = {
    "--db",    "--profile", "--token-file",  "--key-file", "--fields",
    "--field", "--color",   "--time-format", "--output",   "-o"};

} // namespace

void GlobalOptions::bind(Flags& flags) {
    flags.option("--db", db, "PATH", "the database");
    flags.option("--profile", profile, "NAME", "name of the stored login");
    flags.option("--token-file", token_file, "PATH", "where the stored login is");
    flags.option("--key-file", key_file, "PATH", "the database's key file");
    flags.flag("-q,--quiet", quiet, "no messages besides errors");
    flags.flag("-v,--verbose", verbose, "more messages");
    flags.flag("--no-input", no_input, "never ask questions");
    flags.flag("-n,--dry-run", dry_run, "do the same work, then undo it");
    flags.flag("--json", json, "print one JSON document");
    flags.flag("--jsonl", jsonl, "print one JSON record a line");
    flags.flag("--plain", plain, "print tab-separated values");
    flags.option("-o,--output", output, "FORM", "text, json, jsonl or plain");
    flags.option("--fields", fields, "A,B", "only these fields");
    flags.option("--field", field, "NAME", "one raw value, by name or JSON pointer");
    flags.option("--color", color, "WHEN", "auto, always or never");
    flags.option("--time-format", time_format, "FORM", "rfc3339, local, relative or epoch");
    flags.takes("--profile", ValueKind::profile);
    flags.takes("--fields", ValueKind::fields);
    flags.takes("--field", ValueKind::field);
    flags.choices("--output", {"text", "json", "jsonl", "plain"});
    flags.offers("--color", {"auto", "always", "never"});
    flags.offers("--time-format", {"rfc3339", "local", "relative", "epoch"});
    flags.flag("-h,--help", help, "show this help");
    flags.flag("--version", version, "show the version");
}

SettingTexts GlobalOptions::texts() const {
    SettingTexts out;
    const auto put = [&](const SettingDefinition& definition, const std::string& value) {
        if (!value.empty())
            out[std::string(definition.name)] = value;
    };
    put(setting<"db">, db);
    put(setting<"profile">, profile);
    put(setting<"token_file">, token_file);
    put(setting<"key_file">, key_file);
    put(setting<"color">, color);
    put(setting<"time_format">, time_format);
    put(setting<"output">, json ? "json" : jsonl ? "jsonl" : plain ? "plain" : output);
    put(setting<"no_input">, no_input ? "true" : "");
    return out;
}

Status GlobalOptions::check() const {
    if (int{json} + int{jsonl} + int{plain} + int{!output.empty()} > 1)
        return fail(ErrorCode::usage, "--json, --jsonl, --plain and --output exclude each other");
    if (!field.empty() && !fields.empty())
        return fail(ErrorCode::usage, "--field and --fields exclude each other");
    return {};
}

bool is_global_flag(std::string_view name) {
    Flags flags("");
    GlobalOptions options;
    options.bind(flags);
    const auto all = flags.describe();
    return std::any_of(all.begin(), all.end(),
                       [&](const auto& flag) { return flag.names.back() == name; });
}

bool takes_value(std::string_view word) {
    return std::find(valued.begin(), valued.end(), word) != valued.end();
}

GivenFlags early_given(const std::vector<std::string>& words) {
    GivenFlags given;
    const std::array<std::pair<std::string_view, std::string*>, 4> places = {
        {{"--db", &given.db},
         {"--key-file", &given.key_file},
         {"--profile", &given.profile},
         {"--token-file", &given.token_file}}};
    for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i)
        for (const auto& [name, value] : places) {
            if (words[i] == name && i + 1 < words.size())
                *value = words[i + 1];
            else if (words[i].starts_with(std::string(name) + "="))
                *value = words[i].substr(name.size() + 1);
        }
    return given;
}

Status check_global_flags(const std::vector<std::string>& words) {
    Flags flags("");
    GlobalOptions options;
    options.bind(flags);
    AUTH_CHECK(flags.parse(words));
    return options.check();
}

OutputForm early_form(const std::vector<std::string>& words, const World& world) {
    const std::string output = world.surroundings.variable("AUTH_CLI_OUTPUT");
    bool json = output == "json" || output == "jsonl";
    std::string_view last;
    for (const std::string& word : words) {
        if (word == "--")
            break;
        const bool is_form = last == "-o" || last == "--output";
        json = json || word == "--json" || word == "--jsonl" || word.starts_with("--output=json") ||
               word.starts_with("-ojson") || (is_form && word.starts_with("json"));
        last = word;
    }
    return json ? OutputForm::json : OutputForm::text;
}

} // namespace auth
