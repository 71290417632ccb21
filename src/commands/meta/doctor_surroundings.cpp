#include "cli/next_step.h"
#include "commands/meta/doctor.h"
#include "core/base/file_state.h"
#include "core/base/private_file.h"
#include "core/base/text.h"
#include "core/jose/jose.h"
#include "core/jose/numeric_date.h"
#include "core/settings/setting.h"
#include "core/store/postgres_security.h"
#include "core/store/postgres_url.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace auth {
namespace {

namespace fs = std::filesystem;

// Variables of ours that stand for no setting.
constexpr std::array<std::string_view, 4> other_variables = {
    "AUTH_CLI_CONFIG", "AUTH_CLI_TOKEN", "AUTH_CLI_COMPLETE_USERS", "AUTH_CLI_LENT"};

Status look_for_shadows(Outside& outside) {
    const auto file = read_private_file("config file", outside.world.places().config_path());
    if (file && *file)
        if (const auto parsed = parse_config((*file)->reveal()))
            for (Finding& shadow : shadowed_settings(*parsed, outside.world.surroundings.variable))
                outside.add(std::move(shadow));
    return {};
}

std::vector<std::string> known_variables() {
    std::vector<std::string> known(other_variables.begin(), other_variables.end());
    for (const SettingDefinition& definition : setting_definitions())
        if (!definition.environment.empty())
            known.emplace_back(definition.environment);
    return known;
}

Status look_at_variables(Outside& outside) {
    const World& world = outside.world;
    const std::vector<std::string> known = known_variables();
    for (const std::string& name : world.surroundings.variables()) {
        if (!name.starts_with("AUTH_CLI_"))
            continue;
        const std::string repair = fmt::format("unset {}", shell_word(name));
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            const std::string meant = nearest(name, known);
            outside.add({"unknown_variable", Severity::warning, name,
                         fmt::format("{} means nothing here{}", in_quotes(name),
                                     meant.empty() ? "" : fmt::format("; {} does", meant)),
                         repair});
        } else if (world.surroundings.variable(name).empty()) {
            outside.add({"empty_variable", Severity::note, name,
                         fmt::format("{} is set to nothing, which counts as not set", name),
                         repair});
        }
    }
    for (const char* name :
         {"XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"}) {
        const std::string value = world.surroundings.variable(name);
        if (!value.empty() && !fs::path(value).is_absolute())
            outside.add({"relative_directory", Severity::warning, name,
                         fmt::format("{} is not an absolute path, so it is ignored: {}", name,
                                     in_quotes(value)),
                         fmt::format("unset {}", name)});
    }
    return {};
}

// What PostgreSQL's library reads beside the URL of the database.
Status look_at_postgres_variables(Outside& outside) {
    const World& world = outside.world;
    const std::string url = world.settings.get(setting<"db">);
    if (!is_postgres_url(url))
        return {};
    if (const PostgresServer server = server_of(url); is_unproved(server))
        outside.add(
            {"unproved_server", Severity::warning, shown_url(url),
             fmt::format(
                 "with sslmode={} whoever answers for the database's server is taken for it",
                 server.sslmode),
             "leave sslmode out of the database URL, and name its authority by sslrootcert=FILE "
             "where the system does not know it"});
    if (!world.surroundings.variable("PGSSLMODE").empty())
        outside.add({"postgres_variable", Severity::note, "PGSSLMODE",
                     "PGSSLMODE counts only for a server on this machine", "unset PGSSLMODE"});
    if (!world.surroundings.variable("PGPASSWORD").empty())
        outside.add(
            {"postgres_variable", Severity::warning, "PGPASSWORD",
             "PGPASSWORD is not read: no variable may hold a password",
             "put it into a file of mode 600 that PGPASSFILE names, and: unset PGPASSWORD"});
    for (const char* name :
         {"PGHOST", "PGHOSTADDR", "PGPORT", "PGUSER", "PGDATABASE", "PGSERVICE", "PGOPTIONS"})
        if (!world.surroundings.variable(name).empty())
            outside.add(
                {"postgres_variable", Severity::note, name,
                 fmt::format("{} stands in for what the URL of the database leaves out", name),
                 fmt::format("unset {}", name)});
    return {};
}

// Where shells look for it: the user's own place first, then those of XDG_DATA_DIRS.
std::vector<fs::path> completion_places(const World& world, std::string_view shell) {
    const auto variable = [&](const char* name) { return world.surroundings.variable(name); };
    const fs::path home = world.surroundings.home;
    std::string data_home = variable("XDG_DATA_HOME");
    if (data_home.empty())
        data_home = home / ".local/share";
    std::string shared = variable("XDG_DATA_DIRS");
    std::vector<std::string> roots =
        split(shared.empty() ? "/usr/local/share:/usr/share" : shared, ':');
    roots.insert(roots.begin(), data_home);
    std::vector<fs::path> out;
    for (const fs::path root : roots) {
        if (shell == "bash") {
            out.push_back(root / "bash-completion/completions/auth-cli");
        } else if (shell == "zsh") {
            for (const char* directory : {"zsh/site-functions", "zsh/vendor-completions"})
                out.push_back(root / directory / "_auth-cli");
        } else {
            for (const char* directory : {"fish/completions", "fish/vendor_completions.d"})
                out.push_back(root / directory / "auth-cli.fish");
        }
    }
    if (shell == "zsh")
        out.insert(out.begin(), home / ".zfunc/_auth-cli");
    if (shell == "fish")
        out.insert(out.begin(), home / ".config/fish/completions/auth-cli.fish");
    if (shell == "bash")
        out.emplace_back("/etc/bash_completion.d/auth-cli");
    return out;
}

Status look_for_completion(Outside& outside) {
    const World& world = outside.world;
    const std::string shell = fs::path(world.surroundings.variable("SHELL")).filename();
    if (shell != "bash" && shell != "zsh" && shell != "fish")
        return {};
    const auto places = completion_places(world, shell);
    std::error_code unknown;
    if (std::any_of(places.begin(), places.end(),
                    [&](const fs::path& path) { return fs::exists(path, unknown); }))
        return {};
    outside.add(
        {"completion_missing", Severity::note, shell,
         fmt::format("tab completion is not installed for {}", shell),
         fmt::format("mkdir -p {} && {} > {}", shell_word(places.front().parent_path().string()),
                     as_typed({"completion", {shell}}, {}), shell_word(places.front().string()))});
    return {};
}

Status look_for_shadowed_login(Outside& outside) {
    const World& world = outside.world;
    AUTH_TRY(const TokenFiles files, world.places().token_files());
    const fs::path& file = files.token;
    if (!world.surroundings.variable("AUTH_CLI_TOKEN").empty() && file_state(file).present)
        outside.add({"shadowed_login", Severity::note, "AUTH_CLI_TOKEN",
                     fmt::format("AUTH_CLI_TOKEN is used in place of the login in {}",
                                 in_quotes(file.string())),
                     "unset AUTH_CLI_TOKEN"});
    return {};
}

// A token file that no command can use, or that is from the future.
Status look_at_login(Outside& outside) {
    constexpr Seconds most_ahead{60};
    World& world = outside.world;
    AUTH_TRY(const TokenFiles files, world.places().token_files());
    const auto login = read_login(files);
    if (!login) {
        if (login.error().code != ErrorCode::unsafe_permissions) // which is another check's
            outside.add({"login_unusable", Severity::error, files.session.string(),
                         login.error().message,
                         fmt::format("rm {}", shell_word(files.session.string()))});
        return {};
    }
    if (!*login)
        return {};
    const auto token = parse_token((*login)->access_token.reveal());
    if (!token) {
        const Error failure = not_a_token(files, token.error());
        outside.add({"login_unusable", Severity::error, files.token.string(), failure.message,
                     failure.hint});
        return {};
    }
    const Json* date = find_member(token->claims, "iat");
    const auto issued = date != nullptr ? second_of(*date) : std::nullopt;
    const Time now = world.clock().now();
    if (issued && *issued > now + most_ahead)
        outside.add({"token_from_future",
                     Severity::warning,
                     files.token.string(),
                     fmt::format("the stored token was issued {}: the clock was ahead then, or"
                                 " is behind now",
                                 relative(*issued, now)),
                     {"set the clock, then", NextStep{"login"}}});
    return {};
}

constexpr auto checks =
    std::to_array<OutsideCheck>({{"variables that shadow settings", look_for_shadows},
                                 {"variables", look_at_variables},
                                 {"PostgreSQL's variables", look_at_postgres_variables},
                                 {"completion", look_for_completion},
                                 {"a variable that shadows the login", look_for_shadowed_login},
                                 {"the stored login", look_at_login}});

} // namespace

std::span<const OutsideCheck> surroundings_checks() {
    return checks;
}

} // namespace auth
