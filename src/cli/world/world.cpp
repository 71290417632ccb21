#include "cli/world/world.h"

#include "cli/world/profile_rule.h"
#include "core/base/private_file.h"
#include "core/base/text.h"
#include "core/settings/setting.h"
#include "core/store/postgres_url.h"

#include <fmt/format.h>

#include <array>

namespace auth {

World::World(Adapters adapters, Streams channels, Surroundings where)
    : streams(std::move(channels)), surroundings(std::move(where)), adapters_(std::move(adapters)),
      places_(settings, surroundings, adapters_.key_command),
      store_({.places = places_,
              .surroundings = surroundings,
              .settings = settings,
              .clock = adapters_.clock,
              .random = adapters_.random,
              .open_postgres = adapters_.open_postgres,
              .hold_stops = adapters_.hold_stops}),
      post_({.places = places_,
             .store = store_,
             .settings = settings,
             .streams = streams,
             .make_mailer = adapters_.mailer,
             .detach = adapters_.detach}) {}

bool World::interactive() const {
    return !settings.get(setting<"no_input">) && adapters_.terminal.interactive();
}

Status World::load_settings(SettingTexts flags) {
    SettingTexts environment;
    for (const SettingDefinition& definition : setting_definitions()) {
        if (definition.environment.empty())
            continue;
        if (std::string value = surroundings.variable(definition.environment); !value.empty())
            environment[std::string(definition.name)] = std::move(value);
    }
    // Where the program has more rights than its caller, the caller names no paths.
    if (surroundings.secure) {
        environment.clear();
        for (const SettingDefinition& definition : setting_definitions())
            if (definition.kind == SettingKind::path)
                flags.erase(std::string(definition.name));
    }
    settings.set_layer(SettingSource::flag, std::move(flags));
    settings.set_layer(SettingSource::environment, std::move(environment));
    AUTH_CHECK(load_config_file());
    // Policy may be relaxed in a test database; whether it is one is known once it is open.
    AUTH_CHECK(settings.check(true));
    settings.canonicalise();
    return choose_profile();
}

Status World::load_config_file() {
    const std::filesystem::path file = places_.config_path();
    if (surroundings.secure || file.empty())
        return {};
    AUTH_TRY(const auto text, read_private_file("config file", file));
    if (!text)
        return {};
    auto parsed = parse_config(text->reveal());
    if (!parsed) {
        parsed.error().message += fmt::format(" (in '{}')", file.string());
        if (parsed.error().hint.empty())
            parsed.error().hint = "edit the file";
        return fail(parsed.error());
    }
    settings.set_layer(SettingSource::config_file, *std::move(parsed));
    return {};
}

// Whoever can write to the database could choose the login that is used: only the config file may.
Status World::choose_profile() {
    if (settings.value(setting<"profile">).source <= SettingSource::environment ||
        places_.profile().empty())
        return {};
    const auto [text, source] = settings.value(setting<"profile_rules">);
    if (source != SettingSource::config_file)
        return {};
    AUTH_TRY(const auto rules, parse_profile_rules(text));
    profile_rule_ = rule_for(rules, surroundings);
    if (profile_rule_)
        settings.set_layer(SettingSource::profile_rule, {{"profile", profile_rule_->profile}});
    return {};
}

Status World::require_operator(std::string_view what) const {
    if (!surroundings.secure)
        return {};
    return fail(error(ErrorCode::refused, fmt::format("{} is for operators", what))
                    .with_reason("operator_only"));
}

Result<Realm*> World::realm_if_any() {
    const auto found = realm();
    if (found)
        return &*found;
    if (found.error().code == ErrorCode::database_missing)
        return nullptr;
    return fail(found.error());
}

Status World::claim_stdin(std::string_view what) {
    if (!stdin_taken_by_.empty())
        return fail(ErrorCode::usage, fmt::format("both the {} and the {} would be read from stdin",
                                                  stdin_taken_by_, what));
    stdin_taken_by_ = what;
    return {};
}

Result<Secret> World::take_stdin(std::string_view what, std::size_t most) {
    AUTH_CHECK(claim_stdin(what));
    Secret out;
    std::array<char, 4096> chunk{};
    while (true) {
        AUTH_TRY(const std::size_t count, streams.read(chunk));
        if (count == 0)
            break;
        out.append({chunk.data(), count});
        if (out.size() > most)
            return fail(ErrorCode::usage, fmt::format("stdin gives more than {} bytes", most));
    }
    wipe(chunk);
    return out;
}

Error World::become(const std::vector<std::string>& command, const std::string& variable,
                    const Secret& value) {
    store_.close();
    return adapters_.become(command, variable, value);
}

} // namespace auth
