#include "commands/global_options.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>

namespace auth {
namespace {

constexpr std::array<std::string_view, 8> valued = {"--db",       "--profile",    "--token-file",
                                                    "--key-file", "--fields",     "--field",
                                                    "--color",    "--time-format"};

} // namespace

void GlobalOptions::bind(CLI::App& app) {
    const std::string group = "Global options";
    const auto text = [&](const char* name, std::string& value, const char* type,
                          const char* words) {
        app.add_option(name, value, words)->group(group)->type_name(type);
    };
    const auto flag = [&](const char* name, bool& value, const char* words) {
        app.add_flag(name, value, words)->group(group);
    };
    text("--db", db, "PATH", "the database");
    text("--profile", profile, "NAME", "name of the stored login");
    text("--token-file", token_file, "PATH", "where the stored login is");
    text("--key-file", key_file, "PATH", "the database's key file");
    flag("-q,--quiet", quiet, "no messages besides errors");
    flag("-v,--verbose", verbose, "more messages");
    flag("--no-input", no_input, "never ask questions");
    flag("-n,--dry-run", dry_run, "do the same work, then undo it");
    flag("--json", json, "print one JSON document");
    flag("--jsonl", jsonl, "print one JSON record a line");
    flag("--plain", plain, "print tab-separated values");
    text("--fields", fields, "A,B", "only these fields");
    text("--field", field, "NAME", "one raw value, by name or JSON pointer");
    text("--color", color, "WHEN", "auto, always or never");
    text("--time-format", time_format, "FORM", "rfc3339, local, relative or epoch");
    flag("-h,--help", help, "show this help");
    flag("--version", version, "show the version");
}

SettingTexts GlobalOptions::texts() const {
    SettingTexts out;
    const auto put = [&](const char* name, const std::string& value) {
        if (!value.empty())
            out[name] = value;
    };
    put("db", db);
    put("profile", profile);
    put("token_file", token_file);
    put("key_file", key_file);
    put("color", color);
    put("time_format", time_format);
    put("output", json ? "json" : jsonl ? "jsonl" : plain ? "plain" : "");
    put("no_input", no_input ? "true" : "");
    return out;
}

Status GlobalOptions::check() const {
    if (int{json} + int{jsonl} + int{plain} > 1)
        return fail(ErrorCode::usage, "--json, --jsonl and --plain exclude each other");
    if (!field.empty() && !fields.empty())
        return fail(ErrorCode::usage, "--field and --fields exclude each other");
    return {};
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
