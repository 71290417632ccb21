#include "commands/meta/doctor.h"
#include "core/base/encoding.h"
#include "core/base/file_state.h"
#include "core/base/private_descriptor.h"
#include "core/base/private_file.h"
#include "core/base/text.h"
#include "core/settings/setting.h"
#include "core/store/postgres_url.h"

#include <fmt/format.h>

#include <array>
#include <map>
#include <set>
#include <unistd.h>

namespace auth {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view key_role = "key file";

struct PrivateFile {
    std::string what; // its role, for people
    fs::path path;
    bool named = false; // by somebody, so that its directory may be for other things as well
};

Result<std::vector<PrivateFile>> private_files(const World& world) {
    AUTH_TRY(const TokenFiles login, world.places().token_files());
    AUTH_TRY(const KeySource key, world.places().key_source());
    const Settings& settings = world.settings;
    const bool named_login = settings.given(setting<"token_file">);
    const bool named_key =
        settings.given(setting<"key_file">) ||
        (settings.given(setting<"db">) && !is_postgres_url(settings.get(setting<"db">)));
    std::vector<PrivateFile> files{{"token file", login.token, named_login},
                                   {"session file", login.session, named_login},
                                   {"lock file", login.lock, named_login}};
    if (key.is_file())
        files.insert(files.begin(), {{std::string(key_role), key.file(), named_key},
                                     {"new key file", next_key_file(key.file()), named_key},
                                     {"old key file", old_key_file(key.file()), named_key}});
    if (const auto cache = world.places().issuer_cache())
        files.push_back({"key of the cache", cache->mac_key});
    if (const fs::path config = world.places().config_path(); !config.empty())
        files.push_back(
            {"config file", config, !world.surroundings.variable("AUTH_CLI_CONFIG").empty()});
    if (!is_postgres_url(settings.get(setting<"db">))) {
        AUTH_TRY(const fs::path database, world.places().database_path());
        files.insert(files.begin(),
                     {{"database", database, settings.given(setting<"db">)},
                      {"journal", database.string() + "-journal", settings.given(setting<"db">)}});
    }
    return files;
}

void judge(Outside& outside, const PrivateFile& file) {
    const std::string& what = file.what;
    const fs::path& path = file.path;
    const FileState state = file_state(path);
    if (!state.present)
        return;
    const auto say = [&](std::string_view code, std::string_view trouble, Hint repair) {
        outside.add({std::string(code), Severity::error, path.string(),
                     fmt::format("the {} {} {}", what, in_quotes(path.string()), trouble),
                     std::move(repair)});
    };
    const std::string word = shell_word(path.string());
    if (!state.regular) {
        say("file_kind", "is not a regular file", fmt::format("ls -l {}", word));
    } else if (!state.ours) {
        say("file_owner", "belongs to another user", owner_hint(path, state.owner));
    } else if (state.open_to_others()) {
        say("file_open", fmt::format("is open to other users (mode {:03o})", state.mode),
            fmt::format("chmod 600 {}", word));
        outside.findings.back().fix = [&world = outside.world, path = path]() -> Status {
            return world.dry_run ? Status{} : close_to_others(path);
        };
        if (what == key_role)
            outside.add({"key_exposed", Severity::warning, path.string(),
                         fmt::format("another user may have read the key file {}: with a copy of"
                                     " the database it opens everything",
                                     in_quotes(path.string())),
                         NextStep{"db rekey"}});
    }
}

Status look_at_files(Outside& outside) {
    AUTH_TRY(const auto files, private_files(outside.world));
    for (const PrivateFile& file : files)
        judge(outside, file);
    return {};
}

// The program's own directories, which it makes with mode 700 and which hold nothing else: true;
// and those that people chose.
Result<std::map<fs::path, bool>> directories(const World& world) {
    std::map<fs::path, bool> out;
    AUTH_TRY(const auto files, private_files(world));
    for (const PrivateFile& file : files) {
        bool& ours =
            out.try_emplace(directory_of(file.path).lexically_normal(), true).first->second;
        ours = ours && !file.named;
    }
    return out;
}

Status look_at_directories(Outside& outside) {
    AUTH_TRY(const auto all, directories(outside.world));
    for (const auto& [path, ours] : all) {
        const FileState state = file_state(path);
        const std::string name = in_quotes(path.string());
        const std::string word = shell_word(path.string());
        if (!state.directory)
            continue;
        const auto fix = [&world = outside.world, path = path]() -> Status {
            return world.dry_run ? Status{} : close_to_others(path);
        };
        // Root could do as it likes anyway.
        if (!state.ours && !state.roots && ::geteuid() != 0)
            outside.add({"directory_owner", Severity::error, path.string(),
                         fmt::format("the directory {} belongs to another user", name),
                         "keep the files in a directory of your own"});
        else if (state.lets_others_write)
            outside.add(
                {"directory_writable", Severity::error, path.string(),
                 fmt::format("other users can put files of theirs into the directory {}", name),
                 ours ? fmt::format("chmod 700 {}", word) : fmt::format("chmod go-w {}", word),
                 ours && state.ours ? std::function<Status()>(fix) : nullptr});
        else if (ours && state.ours && state.open_to_others())
            outside.add({"directory_open", Severity::warning, path.string(),
                         fmt::format("the directory {} is open to other users (mode {:03o})", name,
                                     state.mode),
                         fmt::format("chmod 700 {}", word), fix});
    }
    return {};
}

// ".auth.db.0123456789abcdef" or "auth.db.0123456789abcdef": what a killed process was writing.
bool is_leftover(std::string_view name, const std::set<std::string>& originals) {
    if (name.size() <= 17 || name[name.size() - 17] != '.' ||
        !from_hex(name.substr(name.size() - 16)))
        return false;
    std::string_view original = name.substr(0, name.size() - 17);
    if (originals.contains(std::string(original)))
        return true;
    return original.starts_with('.') && originals.contains(std::string(original.substr(1)));
}

Status look_for_leftovers(Outside& outside) {
    constexpr std::int64_t an_hour = 3600;
    World& world = outside.world;
    std::set<std::string> originals;
    AUTH_TRY(const auto files, private_files(world));
    for (const PrivateFile& file : files)
        originals.insert(file.path.filename().string());
    AUTH_TRY(const auto all, directories(world));
    for (const auto& [directory, ours] : all) {
        std::error_code failed;
        for (fs::directory_iterator entry(directory, failed), end; !failed && entry != end;
             entry.increment(failed)) {
            const fs::path path = entry->path();
            const FileState state = file_state(path, unix_seconds(world.clock().now()));
            if (!is_leftover(path.filename().string(), originals) || !state.regular ||
                !state.ours || state.age < an_hour)
                continue;
            outside.add(
                {"leftover_file", Severity::warning, path.string(),
                 fmt::format("a process that was killed left {} behind", in_quotes(path.string())),
                 fmt::format("rm {}", shell_word(path.string())), [&world, path]() -> Status {
                     return world.dry_run ? Status{} : remove_private_file(path);
                 }});
        }
    }
    return {};
}

Status look_at_key_source(Outside& outside) {
    AUTH_TRY(const KeySource key, outside.world.places().key_source());
    if (!key.is_file())
        outside.add({"key_source", Severity::note, key.name(),
                     fmt::format("the database's key is {}", key.name()), "nothing is left to do"});
    return {};
}

Status look_at_config_file(Outside& outside) {
    const World& world = outside.world;
    if (world.surroundings.secure)
        return {};
    const auto text = read_private_file("config file", world.places().config_path());
    if (!text || !*text)
        return {}; // its mode is another check's
    const auto parsed = parse_config((*text)->reveal());
    if (!parsed)
        outside.add(
            {"config_invalid", Severity::error, world.places().config_path().string(),
             fmt::format("the config file {} is not taken: {}",
                         in_quotes(world.places().config_path().string()), parsed.error().message),
             parsed.error().hint.or_else("edit the file")});
    return {};
}

Status look_at_settings(Outside& outside) {
    const Status checked = outside.world.settings.check(true);
    if (!checked)
        outside.add({"setting_invalid", Severity::error, checked.error().field,
                     checked.error().message,
                     checked.error().hint.or_else(NextStep{"config list"})});
    return {};
}

constexpr auto checks = std::to_array<OutsideCheck>({{"file modes and owners", look_at_files},
                                                     {"directories", look_at_directories},
                                                     {"files left behind", look_for_leftovers},
                                                     {"where the key is from", look_at_key_source},
                                                     {"the config file", look_at_config_file},
                                                     {"settings given here", look_at_settings}});

} // namespace

std::span<const OutsideCheck> file_checks() {
    return checks;
}

} // namespace auth
