#include "cli/world/places.h"
#include "support/catch.h"
#include "support/temp_directory.h"

#include <fstream>
#include <map>

using namespace auth;

namespace {

struct Run {
    std::map<std::string, std::string, std::less<>> variables{};
    SettingTexts flags{};
    std::string home = "/home/ann";
    bool secure = false;
    std::optional<std::uint32_t> caller = 1000;
    Settings settings{};
    Surroundings surroundings{};
    SettingTexts config{};
    KeyCommand key_command = [](const std::vector<std::string>& command) -> Result<Secret> {
        return Secret(command.back());
    };

    Places places() {
        settings.set_layer(SettingSource::flag, flags);
        settings.set_layer(SettingSource::config_file, config);
        surroundings.variable = [this](std::string_view name) {
            const auto found = variables.find(name);
            return found == variables.end() ? std::string() : found->second;
        };
        surroundings.home = home;
        surroundings.secure = secure;
        surroundings.caller = caller;
        return {settings, surroundings, key_command};
    }
    std::string key_file() { return places().key_source()->file(); }
    std::string new_key_file(bool test) { return places().new_key_source(test)->key.file(); }
};

} // namespace

TEST_CASE("files are below the home directory, or where XDG and the flags say", "[places]") {
    Run run;
    CHECK(run.places().database_path() == "/home/ann/.local/share/auth-cli/auth.db");
    CHECK(run.key_file() == "/home/ann/.local/share/auth-cli/auth.key");
    CHECK(run.places().mail_directory() == "/home/ann/.local/share/auth-cli/outbox");
    CHECK(run.places().config_path() == "/home/ann/.config/auth-cli/config.json");
    CHECK(run.places().token_files()->token == "/home/ann/.local/state/auth-cli/default.token");
    run.variables = {{"XDG_DATA_HOME", "/data"}, {"XDG_CONFIG_HOME", "not/absolute"}};
    CHECK(run.places().database_path() == "/data/auth-cli/auth.db");
    CHECK(run.places().config_path() == "/home/ann/.config/auth-cli/config.json");
    run.flags = {{"db", "sqlite:dir/my.db"}};
    CHECK(run.places().database_name() == "dir/my.db");
    CHECK(run.key_file() == "dir/auth.key");
}

TEST_CASE("a key of its own goes before the one of the directory", "[places]") {
    const test::TempDirectory directory;
    const auto in_directory = [&](const char* name) { return (directory / name).string(); };
    Run run;
    run.flags = {{"db", in_directory("t.db")}};
    CHECK(run.key_file() == in_directory("auth.key"));
    CHECK(run.new_key_file(false) == in_directory("auth.key"));
    CHECK(run.new_key_file(true) == in_directory("t.key"));
    std::ofstream(in_directory("t.key")) << "key";
    CHECK(run.key_file() == in_directory("t.key"));
    CHECK(run.new_key_file(false) == in_directory("t.key"));
    run.flags["key_file"] = "named.key";
    CHECK(run.key_file() == "named.key");
    CHECK(run.new_key_file(true) == "named.key");
    run.flags = {{"db", "users.key"}};
    CHECK(run.places().own_key_path() == "users.key.key");
    run.flags = {{"db", "postgresql://host/t"}};
    CHECK(run.places().own_key_path()->has_value() == false);
    CHECK(run.new_key_file(true) == "/home/ann/.local/share/auth-cli/auth.key");
}

TEST_CASE("a place that cannot be known is an expected failure", "[places]") {
    Run run;
    run.home = "";
    const auto nowhere = run.places().database_path();
    REQUIRE_FALSE(nowhere);
    CHECK(nowhere.error().code == ErrorCode::usage);
    CHECK(nowhere.error().hint.words == "give --db, or set HOME or XDG_DATA_HOME");
    CHECK(run.places().config_path().empty());
    CHECK_FALSE(run.places().token_files());
    CHECK_FALSE(run.places().issuer_cache());
    run.flags = {{"db", "mysql://host/x"}};
    CHECK(run.places().database_path().error().field == "db");
    CHECK_FALSE(run.places().key_source());
    // A server's database has a name, and its key a place of its own.
    run.flags = {{"db", "postgresql://ann:secret@host/x"}};
    CHECK(run.places().database_name() == "postgresql://ann@host/x");
    CHECK(run.places().key_source().error().hint.words ==
          "give --key-file, or set HOME or XDG_DATA_HOME");
}

TEST_CASE("with rights that are only lent, nothing that the caller chose names a place",
          "[places]") {
    Run run;
    run.secure = true;
    run.variables = {{"XDG_STATE_HOME", "/tmp"},
                     {"XDG_CACHE_HOME", "/tmp"},
                     {"AUTH_CLI_CONFIG", "/tmp/config.json"}};
    run.flags = {{"token_file", "/tmp/token"}};
    CHECK(run.places().issuer_cache()->directory == "/home/ann/.cache/auth-cli");
    CHECK(run.places().issuer_cache()->mac_key == "/home/ann/.local/state/auth-cli/cache.key");
    CHECK(run.places().config_path() == "/home/ann/.config/auth-cli/config.json");
    CHECK(run.places().token_files()->token ==
          "/home/ann/.local/state/auth-cli/uid-1000.default.token");
    run.caller.reset();
    CHECK(run.places().token_files().error().reason == "unknown_caller");
}

TEST_CASE("keys of issuers are in the cache, and what proves them is with the state", "[places]") {
    Run run;
    CHECK(run.places().issuer_cache()->directory == "/home/ann/.cache/auth-cli");
    run.variables = {{"XDG_CACHE_HOME", "/cache"}, {"XDG_STATE_HOME", "/state"}};
    CHECK(run.places().issuer_cache()->directory == "/cache/auth-cli");
    CHECK(run.places().issuer_cache()->mac_key == "/state/auth-cli/cache.key");
    run.variables = {{"XDG_CACHE_HOME", "cache"}};
    CHECK(run.places().issuer_cache()->directory == "/home/ann/.cache/auth-cli");
}

TEST_CASE("the key is from what was named first, then a program, a credential, and its own file",
          "[places]") {
    const std::string key(32, 'k');
    const test::TempDirectory directory;
    std::ofstream(directory / "auth.key") << key;
    Run run;
    run.variables = {{"CREDENTIALS_DIRECTORY", directory.path().string()}};
    CHECK(run.places().key_source()->read()->reveal() == key);
    CHECK(run.places().key_source()->file().empty());
    run.config = {{"key_command", R"(["/usr/bin/pass","by the command: 32 bytes of key!"])"}};
    CHECK(run.places().key_source()->name() == "the key from '/usr/bin/pass'");
    CHECK(run.places().key_source()->read()->reveal() == "by the command: 32 bytes of key!");
    run.flags = {{"key_file", "my.key"}};
    CHECK(run.key_file() == "my.key");
    run.flags.clear();
    run.config["key_file"] = "other.key";
    CHECK(run.places().key_source().error().field == "key_command");
    run.config = {{"key_file", "other.key"}};
    CHECK(run.key_file() == "other.key");
    run.config.clear();
    run.variables = {{"CREDENTIALS_DIRECTORY", "not/absolute"}};
    CHECK(run.key_file() == "/home/ann/.local/share/auth-cli/auth.key");
    run.settings.set_layer(SettingSource::database,
                           {{"key_command", R"(["/bin/sh"])"}, {"key_file", "planted.key"}});
    CHECK(run.key_file() == "/home/ann/.local/share/auth-cli/auth.key");
    run.secure = true;
    run.variables = {{"CREDENTIALS_DIRECTORY", directory.path().string()}};
    CHECK(run.key_file() == "/home/ann/.local/share/auth-cli/auth.key");
}

TEST_CASE("a program that hands the key out is named by its absolute path", "[places]") {
    CHECK(parse_command(R"(["/usr/bin/pass", "show"])")->size() == 2);
    for (const char* text : {"", "pass show", "[]", R"(["pass"])", R"(["/a", 1])", R"({"a": "/b"})",
                             R"(["/a", "b\u0000c"])"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_command(text));
    }
}
