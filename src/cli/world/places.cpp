#include "cli/world/places.h"

#include "core/base/file_state.h"
#include "core/base/private_file.h"
#include "core/base/text.h"
#include "core/settings/setting.h"
#include "core/store/postgres_url.h"

#include <fmt/format.h>

#include <memory>

namespace auth {

namespace fs = std::filesystem;

std::optional<fs::path> Places::xdg(std::string_view variable, std::string_view fallback) const {
    // The specification has relative values ignored.
    const fs::path value = surroundings_.secure ? "" : surroundings_.variable(variable);
    if (!value.is_absolute() && !surroundings_.home.is_absolute())
        return std::nullopt;
    return (value.is_absolute() ? value : surroundings_.home / fallback) / "auth-cli";
}

Result<fs::path> Places::need_xdg(std::string_view variable, std::string_view fallback,
                                  std::string_view instead) const {
    if (auto path = xdg(variable, fallback))
        return *std::move(path);
    return fail(error(ErrorCode::usage, "there is no home directory to keep files in")
                    .with_hint(fmt::format("give {}, or set HOME or {}", instead, variable)));
}

Result<fs::path> Places::database_path() const {
    const std::string given = settings_.get(setting<"db">);
    if (given.empty()) {
        AUTH_TRY(const fs::path directory, need_xdg("XDG_DATA_HOME", ".local/share", "--db"));
        return directory / "auth.db";
    }
    if (given.find("://") != std::string::npos)
        return fail(error(ErrorCode::usage,
                          fmt::format("{} is neither a SQLite file nor a postgresql:// URL",
                                      in_quotes(shown_url(given))))
                        .with_field("db"));
    constexpr std::string_view scheme = "sqlite:";
    return given.starts_with(scheme) ? fs::path(given.substr(scheme.size())) : fs::path(given);
}

Result<std::string> Places::database_name() const {
    const std::string given = settings_.get(setting<"db">);
    if (is_postgres_url(given))
        return shown_url(given);
    return database_path().map([](const fs::path& path) { return path.string(); });
}

Result<fs::path> Places::data_directory(std::string_view instead) const {
    if (is_postgres_url(settings_.get(setting<"db">)))
        return need_xdg("XDG_DATA_HOME", ".local/share", instead);
    return database_path().map([](const fs::path& path) { return path.parent_path(); });
}

// Whoever can write to the database could name a program in it: only the config file may.
Result<KeySource> Places::key_from_config() const {
    if (settings_.value(setting<"key_file">).source == SettingSource::config_file)
        return fail(error(ErrorCode::usage, "the config file has both key_file and key_command")
                        .with_field("key_command")
                        .with_hint("remove one of them from the config file"));
    AUTH_TRY(const auto command, parse_command(settings_.get(setting<"key_command">)));
    const auto known = std::make_shared<std::optional<Secret>>(); // it may ask for a passphrase
    return KeySource(fmt::format("the key from {}", in_quotes(command.front())),
                     [&run = run_, command, known]() -> Result<Secret> {
                         if (!*known) {
                             AUTH_TRY(*known, run(command));
                         }
                         return (*known)->copy();
                     });
}

// systemd.exec(5), "Credentials"; they are the service manager's files, and not ours.
fs::path Places::credential() const {
    const fs::path directory =
        surroundings_.secure ? "" : surroundings_.variable("CREDENTIALS_DIRECTORY");
    const fs::path file = directory / "auth.key";
    return directory.is_absolute() && file_state(file).present ? file : fs::path();
}

Result<std::optional<KeySource>> Places::named_key() const {
    auto [file, source] = settings_.value(setting<"key_file">);
    if (source == SettingSource::database) // which cannot say where its own key is
        file.clear();
    if (!file.empty() && source != SettingSource::config_file)
        return KeySource(fs::path(file));
    if (settings_.value(setting<"key_command">).source == SettingSource::config_file) {
        AUTH_TRY(KeySource command, key_from_config());
        return std::optional(std::move(command));
    }
    if (!file.empty())
        return KeySource(fs::path(file));
    if (const fs::path given = credential(); !given.empty())
        return KeySource(fmt::format("the credential '{}'", given.string()),
                         [given] { return read_file("credential", given); });
    return std::nullopt;
}

Result<std::optional<fs::path>> Places::own_key_path() const {
    if (is_postgres_url(settings_.get(setting<"db">)))
        return std::nullopt;
    AUTH_TRY(fs::path key, database_path());
    if (key.extension() == ".key")
        key += ".key";
    else
        key.replace_extension(".key");
    return key;
}

Result<Places::NewKeySource> Places::new_key_source(bool test) const {
    AUTH_TRY(auto named, named_key());
    if (named)
        return NewKeySource{*std::move(named), true};
    AUTH_TRY(const auto own, own_key_path());
    // Whatever has its name counts, so that a link or a directory is refused and not ignored.
    if (own && (test || file_state(*own).present))
        return NewKeySource{KeySource(*own), false};
    AUTH_TRY(const fs::path directory, data_directory("--key-file"));
    return NewKeySource{KeySource(directory / "auth.key"), false};
}

Result<KeySource> Places::key_source() const {
    return new_key_source(false).map([](NewKeySource found) { return std::move(found.key); });
}

Result<fs::path> Places::mail_directory() const {
    const std::string given = settings_.get(setting<"mail.directory">);
    if (!given.empty())
        return given;
    AUTH_TRY(const fs::path directory, data_directory("the setting mail.directory"));
    return directory / "outbox";
}

// Caches are shared and restored more lightly than state, so what proves an entry is kept there.
std::optional<Places::IssuerCachePlace> Places::issuer_cache() const {
    const auto directory = xdg("XDG_CACHE_HOME", ".cache");
    const auto state = xdg("XDG_STATE_HOME", ".local/state");
    if (!directory || !state)
        return std::nullopt;
    return IssuerCachePlace{*directory, *state / "cache.key"};
}

fs::path Places::config_path() const {
    const std::string given = surroundings_.variable("AUTH_CLI_CONFIG");
    if (!given.empty() && !surroundings_.secure)
        return given;
    const auto directory = xdg("XDG_CONFIG_HOME", ".config");
    return directory ? *directory / "config.json" : fs::path();
}

std::string Places::named_token_file() const {
    return surroundings_.secure ? "" : settings_.get(setting<"token_file">);
}

std::string Places::profile() const {
    return named_token_file().empty() ? settings_.get(setting<"profile">) : "";
}

Result<TokenFiles> Places::token_files() const {
    if (surroundings_.secure && !surroundings_.caller)
        return fail(error(ErrorCode::login_required,
                          "nobody's login is kept here: the program cannot tell who runs it")
                        .with_reason("unknown_caller")
                        .with_hint({"print the token instead", NextStep{"login", {"--no-store"}}}));
    if (const std::string given = named_token_file(); !given.empty())
        return TokenFiles::beside(given);
    std::string name = profile() + ".token";
    // Callers share the account's home, so each has logins of their own. A uid ends at the dot,
    // whatever the profile is called.
    if (surroundings_.secure)
        name = fmt::format("uid-{}.{}", *surroundings_.caller, name);
    AUTH_TRY(const fs::path directory, need_xdg("XDG_STATE_HOME", ".local/state", "--token-file"));
    TokenFiles files = TokenFiles::beside(directory / name);
    files.own = true;
    return files;
}

} // namespace auth
