#include "cli/global_options.h"

#include "core/settings/setting.h"

#include <algorithm>
#include <array>

namespace auth {
namespace {

constexpr std::array<std::string_view, 8> valued = {"--db",       "--profile",    "--token-file",
                                                    "--key-file", "--fields",     "--field",
                                                    "--color",    "--time-format"};

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
    flags.option("--fields", fields, "A,B", "only these fields");
    flags.option("--field", field, "NAME", "one raw value, by name or JSON pointer");
    flags.option("--color", color, "WHEN", "auto, always or never");
    flags.option("--time-format", time_format, "FORM", "rfc3339, local, relative or epoch");
    flags.takes("--profile", ValueKind::profile);
    flags.takes("--fields", ValueKind::fields);
    flags.takes("--field", ValueKind::field);
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
    put(setting<"output">, json ? "json" : jsonl ? "jsonl" : plain ? "plain" : "");
    put(setting<"no_input">, no_input ? "true" : "");
    return out;
}

Status GlobalOptions::check() const {
    if (int{json} + int{jsonl} + int{plain} > 1)
        return fail(ErrorCode::usage, "--json, --jsonl and --plain exclude each other");
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

OutputForm early_form(const std::vector<std::string>& words, const World& world) {
    const std::string output = world.surroundings.variable("AUTH_CLI_OUTPUT");
    bool json = output == "json" || output == "jsonl";
    for (const std::string& word : words) {
        if (word == "--")
            break;
        json = json || word == "--json" || word == "--jsonl";
    }
    return json ? OutputForm::json : OutputForm::text;
}

} // namespace auth
