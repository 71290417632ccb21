#include "cli/world/world.h"

#include "cli/next_step.h"
#include "core/accounts/credentials.h"
#include "core/base/text.h"
#include "core/mail/sending.h"
#include "core/settings/setting.h"
#include "core/settings/settings_table.h"
#include "core/store/postgres_url.h"
#include "core/store/sqlite/sqlite_database.h"
#include "core/upkeep/new_database.h"

#include <fmt/format.h>

#include <array>

namespace auth {

namespace fs = std::filesystem;

struct World::Opened {
    std::unique_ptr<Database> database;
    meta_table::Meta meta;
    Vault vault;
    Realm realm;

    Opened(std::unique_ptr<Database> opened, const fs::path& key, World& world)
        : database(std::move(opened)), meta(meta_table::load(*database)),
          vault(key, meta.database_id, meta.key_check),
          realm{*database,     vault,          world.settings,
                world.clock(), world.random(), world.surroundings.actor,
                meta.test,     world.dry_run,  !world.surroundings.secure} {
        realm.place = world.surroundings.place;
        realm.typed = [](const NextStep& step) { return as_typed(step, {}); };
        database->set_dry_run(world.dry_run);
    }
};

namespace {

// A newer version may have kept settings that this one does not know.
SettingTexts known_settings(SettingTexts texts) {
    std::erase_if(texts, [](const auto& entry) { return !find_setting(entry.first); });
    return texts;
}

} // namespace

World::World(Adapters adapters, Streams channels, Surroundings where)
    : streams(std::move(channels)), surroundings(std::move(where)), adapters_(std::move(adapters)) {
}

World::~World() = default;

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
    if (const fs::path file = config_path(); !surroundings.secure && !file.empty()) {
        AUTH_TRY(const auto text, read_private_file("config file", file));
        if (text) {
            auto parsed = parse_config(text->reveal());
            if (!parsed) {
                parsed.error().message += fmt::format(" (in '{}')", file.string());
                if (parsed.error().hint.empty())
                    parsed.error().hint = "edit the file";
                return fail(parsed.error());
            }
            settings.set_layer(SettingSource::config_file, *std::move(parsed));
        }
    }
    // Policy may be relaxed in a test database; whether it is one is known once it is open.
    AUTH_CHECK(settings.check(true));
    settings.canonicalise();
    return {};
}

Status World::require_operator(std::string_view what) const {
    if (!surroundings.secure)
        return {};
    return fail(error(ErrorCode::refused, fmt::format("{} is for operators", what))
                    .with_reason("operator_only"));
}

std::unique_ptr<Database> World::open_database() {
    const std::string given = settings.get(setting<"db">);
    if (is_postgres_url(given))
        return adapters_.open_postgres(given, false);
    return SqliteDatabase::open(database_path());
}

Status World::make_database(bool test) {
    const NewDatabase wanted{key_path(), test, surroundings.actor};
    const std::string given = settings.get(setting<"db">);
    if (!is_postgres_url(given))
        return auth::make_database(database_path(), wanted, settings, clock(), random());
    try {
        const auto database = adapters_.open_postgres(given, true);
        if (settings.get(setting<"key_file">).empty())
            AUTH_CHECK(make_private_directory(key_path().parent_path()));
        AUTH_CHECK(Vault::make_key(key_path(), random()));
        return fill_database(*database, wanted, settings, clock(), random());
    } catch (const Failure& failure) {
        if (failure.error().code != ErrorCode::exists)
            throw;
        return fail(failure.error());
    }
}

Realm& World::realm() {
    if (!opened_) {
        opened_ = std::make_unique<Opened>(open_database(), key_path(), *this);
        load_database_settings();
        if (lenient)
            settings.drop_invalid(SettingSource::database, opened_->meta.test);
        if (const Status checked = settings.check(opened_->meta.test); !checked)
            throw Failure(checked.error());
        settings.canonicalise();
        if (const Status cost = check_password_cost(opened_->realm); !cost && !lenient)
            throw Failure(cost.error());
    }
    return opened_->realm;
}

void World::load_database_settings() {
    settings.set_layer(SettingSource::database,
                       known_settings(settings_table::load(*opened_->database)));
}

void World::reload_settings() {
    (void)realm();
    load_database_settings();
    settings.canonicalise();
}

Result<Realm*> World::try_realm() {
    try {
        return &realm();
    } catch (const Failure& failure) {
        if (failure.error().code == ErrorCode::database_missing)
            return fail(failure.error());
        throw;
    }
}

const meta_table::Meta& World::meta() {
    (void)realm();
    return opened_->meta;
}

std::optional<fs::path> World::xdg(std::string_view variable, std::string_view fallback) const {
    // The specification has relative values ignored.
    const fs::path value = surroundings.secure ? "" : surroundings.variable(variable);
    if (!value.is_absolute() && !surroundings.home.is_absolute())
        return std::nullopt;
    return (value.is_absolute() ? value : surroundings.home / fallback) / "auth-cli";
}

fs::path World::need_xdg(std::string_view variable, std::string_view fallback,
                         std::string_view instead) const {
    auto path = xdg(variable, fallback);
    if (!path)
        throw Failure(error(ErrorCode::usage, "there is no home directory to keep files in")
                          .with_hint(fmt::format("give {}, or set HOME or {}", instead, variable)));
    return *std::move(path);
}

fs::path World::database_path() const {
    const std::string given = settings.get(setting<"db">);
    if (given.empty())
        return need_xdg("XDG_DATA_HOME", ".local/share", "--db") / "auth.db";
    if (given.find("://") != std::string::npos)
        throw Failure(error(ErrorCode::usage,
                            fmt::format("{} is neither a SQLite file nor a postgresql:// URL",
                                        in_quotes(shown_url(given))))
                          .with_field("db"));
    constexpr std::string_view scheme = "sqlite:";
    return given.starts_with(scheme) ? fs::path(given.substr(scheme.size())) : fs::path(given);
}

fs::path World::key_path() const {
    const std::string given = settings.get(setting<"key_file">);
    return given.empty() ? data_directory("--key-file") / "auth.key" : fs::path(given);
}

std::string World::database_name() const {
    const std::string given = settings.get(setting<"db">);
    return is_postgres_url(given) ? shown_url(given) : database_path().string();
}

fs::path World::data_directory(std::string_view instead) const {
    return is_postgres_url(settings.get(setting<"db">))
               ? need_xdg("XDG_DATA_HOME", ".local/share", instead)
               : database_path().parent_path();
}

fs::path World::config_path() const {
    const std::string given = surroundings.variable("AUTH_CLI_CONFIG");
    if (!given.empty() && !surroundings.secure)
        return given;
    const auto directory = xdg("XDG_CONFIG_HOME", ".config");
    return directory ? *directory / "config.json" : fs::path();
}

TokenFiles World::token_files() const {
    if (surroundings.secure && !surroundings.caller)
        throw Failure(
            error(ErrorCode::login_required,
                  "nobody's login is kept here: the program cannot tell who runs it")
                .with_reason("unknown_caller")
                .with_hint({"print the token instead", NextStep{"login", {"--no-store"}}}));
    const std::string given = surroundings.secure ? "" : settings.get(setting<"token_file">);
    if (!given.empty())
        return TokenFiles::beside(given);
    std::string name = settings.get(setting<"profile">) + ".token";
    // Callers share the account's home, so each has logins of their own. A uid ends at the dot,
    // whatever the profile is called.
    if (surroundings.secure)
        name = fmt::format("uid-{}.{}", *surroundings.caller, name);
    auto files =
        TokenFiles::beside(need_xdg("XDG_STATE_HOME", ".local/state", "--token-file") / name);
    files.own = true;
    return files;
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
    opened_.reset();
    return adapters_.become(command, variable, value);
}

Mailer* World::mailer() {
    if (!mailer_ && settings.get(setting<"mail.transport">) != "outbox") {
        const std::string given = settings.get(setting<"mail.directory">);
        mailer_ = adapters_.mailer(
            settings, given.empty() ? data_directory("the setting mail.directory") / "outbox"
                                    : fs::path(given));
    }
    return mailer_.get();
}

void World::send_in_background(const std::optional<Mail>& mail) {
    if (dry_run || settings.get(setting<"mail.transport">) == "outbox")
        return;
    mailer_.reset();
    opened_.reset(); // no connection to it may be in two processes
    adapters_.detach([this, &mail] {
        if (mail)
            (void)deliver(realm(), *mail, mailer());
    });
}

void World::send_notices() {
    if (!opened_)
        return;
    for (const std::string& id : std::exchange(opened_->realm.notices, {})) {
        const auto mail = find_mail(opened_->realm, id); // none where the act was undone
        const Status sent = mail ? deliver(opened_->realm, *mail, mailer()) : Status{};
        if (!sent)
            streams.err(fmt::format("auth-cli: warning: a notice to {} was not sent: {}\n",
                                    printable(mail->to), printable(sent.error().message)));
    }
}

} // namespace auth
