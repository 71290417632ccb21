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

    Places places() {
        settings.set_layer(SettingSource::flag, flags);
        surroundings.variable = [this](std::string_view name) {
            const auto found = variables.find(name);
            return found == variables.end() ? std::string() : found->second;
        };
        surroundings.home = home;
        surroundings.secure = secure;
        surroundings.caller = caller;
        return {settings, surroundings};
    }
};

} // namespace

TEST_CASE("files are below the home directory, or where XDG and the flags say", "[places]") {
    Run run;
    CHECK(run.places().database_path() == "/home/ann/.local/share/auth-cli/auth.db");
    CHECK(run.places().key_path() == "/home/ann/.local/share/auth-cli/auth.key");
    CHECK(run.places().mail_directory() == "/home/ann/.local/share/auth-cli/outbox");
    CHECK(run.places().config_path() == "/home/ann/.config/auth-cli/config.json");
    CHECK(run.places().token_files()->token == "/home/ann/.local/state/auth-cli/default.token");
    run.variables = {{"XDG_DATA_HOME", "/data"}, {"XDG_CONFIG_HOME", "not/absolute"}};
    CHECK(run.places().database_path() == "/data/auth-cli/auth.db");
    CHECK(run.places().config_path() == "/home/ann/.config/auth-cli/config.json");
    run.flags = {{"db", "sqlite:dir/my.db"}};
    CHECK(run.places().database_name() == "dir/my.db");
    CHECK(run.places().key_path() == "dir/auth.key");
}

TEST_CASE("a key of its own goes before the one of the directory", "[places]") {
    const test::TempDirectory directory;
    const auto in_directory = [&](const char* name) { return (directory / name).string(); };
    Run run;
    run.flags = {{"db", in_directory("t.db")}};
    CHECK(run.places().key_path() == in_directory("auth.key"));
    CHECK(run.places().new_key_path(false) == in_directory("auth.key"));
    CHECK(run.places().new_key_path(true) == in_directory("t.key"));
    std::ofstream(in_directory("t.key")) << "key";
    CHECK(run.places().key_path() == in_directory("t.key"));
    CHECK(run.places().new_key_path(false) == in_directory("t.key"));
    run.flags["key_file"] = "named.key";
    CHECK(run.places().key_path() == "named.key");
    CHECK(run.places().new_key_path(true) == "named.key");
    run.flags = {{"db", "users.key"}};
    CHECK(run.places().own_key_path() == "users.key.key");
    run.flags = {{"db", "postgresql://host/t"}};
    CHECK(run.places().own_key_path()->has_value() == false);
    CHECK(run.places().new_key_path(true) == "/home/ann/.local/share/auth-cli/auth.key");
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
    run.flags = {{"db", "mysql://host/x"}};
    CHECK(run.places().database_path().error().field == "db");
    CHECK_FALSE(run.places().key_path());
    // A server's database has a name, and its key a place of its own.
    run.flags = {{"db", "postgresql://ann:secret@host/x"}};
    CHECK(run.places().database_name() == "postgresql://ann@host/x");
    CHECK(run.places().key_path().error().hint.words ==
          "give --key-file, or set HOME or XDG_DATA_HOME");
}

TEST_CASE("with rights that are only lent, nothing that the caller chose names a place",
          "[places]") {
    Run run;
    run.secure = true;
    run.variables = {{"XDG_STATE_HOME", "/tmp"}, {"AUTH_CLI_CONFIG", "/tmp/config.json"}};
    run.flags = {{"token_file", "/tmp/token"}};
    CHECK(run.places().config_path() == "/home/ann/.config/auth-cli/config.json");
    CHECK(run.places().token_files()->token ==
          "/home/ann/.local/state/auth-cli/uid-1000.default.token");
    run.caller.reset();
    CHECK(run.places().token_files().error().reason == "unknown_caller");
}
