#include "support/catch.h"
#include "support/files.h"
#include "support/test_world.h"

#include <filesystem>

using namespace auth;
using test::Outcome;
using test::TestWorld;
namespace fs = std::filesystem;

namespace {

fs::path config_file(const TestWorld& world) {
    return world.home() / ".config/auth-cli/config.json";
}

Json setting(TestWorld& world, const std::string& name) {
    return world.must({"config", "get", name, "--json"}).document();
}

} // namespace

TEST_CASE("config get prints the bare value") {
    TestWorld world;
    CHECK(world.must({"config", "get", "session.idle"}).out == "10m\n");
    CHECK(world.must({"config", "get", "session.idle"}).err.empty());
    CHECK(world.must({"config", "get", "token.audience"}).out == "\n");
    const Json idle = setting(world, "session.idle");
    CHECK(idle.at("schema") == "auth-cli.setting/1");
    CHECK(idle.at("value") == "10m");
    CHECK(idle.at("source") == "default");
    CHECK(setting(world, "codes.digits").at("value") == 7);
    CHECK(setting(world, "verification.required").at("value") == true);
    CHECK(setting(world, "token.audience").at("value") == nullptr);
}

TEST_CASE("policy is kept in the database, and unset goes back") {
    TestWorld world;
    const Outcome set = world.must({"config", "set", "session.idle", "300s"});
    CHECK(set.out.empty());
    CHECK(set.err == "set session.idle: now 5m (from database)\n");
    CHECK(setting(world, "session.idle").at("source") == "database");
    CHECK_FALSE(fs::exists(config_file(world)));
    CHECK(world.must({"config", "set", "session.idle", "5m", "--json"}).document().at("changed") ==
          false);
    CHECK(world.must({"config", "unset", "session.idle", "--json"}).document().at("changed") ==
          true);
    CHECK(world.must({"config", "get", "session.idle"}).out == "10m\n");
    CHECK(world.must({"config", "unset", "session.idle", "--json"}).document().at("changed") ==
          false);
    CHECK(
        world.must({"audit", "list", "--event", "config_changed", "--jsonl"}).out.find("\"5m\"") !=
        std::string::npos);
}

TEST_CASE("a person's own ways are kept in the config file, which is private") {
    TestWorld world(TestWorld::Start::with_nothing);
    world.must({"config", "set", "profile", "work"});
    CHECK(test::mode_of(config_file(world)) == 0600);
    CHECK(setting(world, "profile").at("value") == "work");
    CHECK(setting(world, "profile").at("source") == "config file");
    world.must({"config", "unset", "profile"});
    CHECK(world.must({"config", "get", "profile"}).out == "default\n");
}

TEST_CASE("flag beats environment beats config file beats default") {
    TestWorld world(TestWorld::Start::with_nothing);
    world.must({"config", "set", "profile", "from-file"});
    CHECK(setting(world, "profile").at("value") == "from-file");
    world.environment["AUTH_CLI_PROFILE"] = "from-environment";
    CHECK(setting(world, "profile").at("value") == "from-environment");
    CHECK(world.must({"config", "get", "profile", "--profile", "from-flag"}).out == "from-flag\n");
    world.environment["AUTH_CLI_PROFILE"] = "";
    CHECK(setting(world, "profile").at("source") == "config file");
}

TEST_CASE("an unknown setting is exit 7, and the nearest is named") {
    TestWorld world;
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"config", "get", "session.idel"},
          {"config", "set", "session.idel", "5m"},
          {"config", "unset", "session.idel"}}) {
        const Outcome refused = world.run(words);
        CHECK(refused.exit == 7);
        CHECK(refused.err == "auth-cli: error: there is no setting 'session.idel'\n"
                             "auth-cli: hint: did you mean 'session.idle'?\n");
    }
}

TEST_CASE("a wrong value is exit 2 and changes nothing") {
    TestWorld world;
    const Outcome refused = world.run({"config", "set", "codes.digits", "11", "--json"});
    CHECK(refused.exit == 2);
    CHECK(refused.problem().at("field") == "codes.digits");
    CHECK(world.run({"config", "set", "session.idle", ""}).exit == 2);
    CHECK(setting(world, "codes.digits").at("source") == "default");
}

TEST_CASE("only a test database takes values below a floor") {
    TestWorld normal(TestWorld::Start::with_nothing);
    normal.must({"db", "init"});
    CHECK(normal.run({"config", "set", "password.min_length", "8"}).exit == 2);
    CHECK(normal.run({"config", "set", "lockout.waits", "false"}).exit == 2);
    TestWorld test;
    CHECK(test.run({"config", "set", "password.min_length", "8"}).exit == 0);
    // Nor does a config file get round it.
    const fs::path file = normal.file("low.json", R"({"password.min_length": 8})");
    normal.environment["AUTH_CLI_CONFIG"] = file;
    CHECK(normal.run({"list"}).exit == 2);
}

TEST_CASE("whatever a database takes as a limit, logging in still works or is refused cleanly") {
    TestWorld world;
    world.type("pw").must({"create", "a@example.org", "--password-stdin", "--verified"});
    (void)world.run({"config", "set", "session.idle", "0s"});
    const Outcome login = world.type("pw").run({"login", "a@example.org", "--password-stdin"});
    CHECK(login.exit != 1);
}

TEST_CASE("a config file with a mistake is refused by name") {
    TestWorld world;
    world.environment["AUTH_CLI_CONFIG"] = world.file("config.json", R"({"profil": "x"})");
    const Outcome refused = world.run({"list"});
    CHECK(refused.exit == 2);
    CHECK(refused.err.find("there is no setting 'profil'") != std::string::npos);
    CHECK(refused.err.find("config.json") != std::string::npos);
    CHECK(refused.err.find("did you mean 'profile'?") != std::string::npos);
    fs::permissions(world.home() / "config.json", fs::perms(0644));
    CHECK(world.run({"list"}).exit == 12);
}

TEST_CASE("config list shows every setting with its source") {
    TestWorld world;
    const Json list = world.must({"config", "list", "--json"}).document();
    CHECK(list.at("schema") == "auth-cli.settings/1");
    REQUIRE(list.at("settings").size() > 20);
    for (const Json& each : list.at("settings"))
        CHECK(test::keys(each) ==
              std::vector<std::string>{"name", "value", "source", "default", "kept_in", "meaning"});
}

TEST_CASE("a dry run of config changes neither database nor file") {
    TestWorld world;
    world.must({"config", "set", "session.idle", "5m", "-n"});
    world.must({"config", "set", "profile", "work", "-n"});
    CHECK(world.must({"config", "get", "session.idle"}).out == "10m\n");
    CHECK(world.must({"config", "get", "profile"}).out == "default\n");
    CHECK_FALSE(fs::exists(config_file(world)));
}

TEST_CASE("relative XDG directories are ignored") {
    TestWorld world;
    world.environment["XDG_DATA_HOME"] = "relative";
    CHECK(world.run({"list"}).exit == 0);
    world.environment["XDG_DATA_HOME"] = (world.home() / "elsewhere").string();
    CHECK(world.run({"list"}).exit == 11);
}
