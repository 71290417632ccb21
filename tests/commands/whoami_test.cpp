#include "support/catch.h"
#include "support/logged_in.h"
#include "support/test_world.h"

#include <filesystem>

using namespace auth;
using test::Outcome;
using test::TestWorld;

namespace {

struct LoggedIn : test::LoggedIn {
    Json expiry() { return must({"whoami", "--no-refresh", "--json"}).document().at("expires_at"); }
};

} // namespace

TEST_CASE("whoami shows the user and when the session ends") {
    LoggedIn world;
    const Outcome shown = world.run({"whoami"});
    CHECK(shown.exit == 0);
    CHECK(shown.out.starts_with("email         ann@example.org\n"));
    CHECK(shown.out.find("session ends  2026-01-31T21:05:00Z, 2026-01-31T09:15:00Z if idle\n") !=
          std::string::npos);
    CHECK(shown.err.empty());
}

TEST_CASE("nobody logged in is exit 4, with or without a database") {
    for (const auto start :
         {TestWorld::Start::with_test_database, TestWorld::Start::with_nothing}) {
        TestWorld world(start);
        const Outcome nobody = world.run({"whoami", "--json"});
        CHECK(nobody.exit == 4);
        CHECK(nobody.out.empty());
        CHECK(nobody.problem().at("code") == "login_required");
        CHECK(nobody.problem().at("hint") == "auth-cli login EMAIL");
    }
}

TEST_CASE("whoami keeps the session alive up to its cap") {
    LoggedIn world;
    for (int i = 0; i < 80; ++i) {
        world.clock.advance(Seconds(539));
        REQUIRE(world.run({"whoami"}).exit == 0);
    }
    CHECK(world.expiry() == "2026-01-31T21:05:00Z");
    world.clock.advance(Seconds(80));
    const Outcome ended = world.run({"whoami", "--json"});
    CHECK(ended.exit == 5);
    CHECK(ended.problem().at("code") == "expired");
}

TEST_CASE("a session that was not used ends") {
    LoggedIn world;
    world.clock.advance(Seconds(600));
    CHECK(world.run({"whoami"}).exit == 5);
}

TEST_CASE("looks do not prolong") {
    for (const std::vector<std::string>& look : {std::vector<std::string>{"whoami", "-q"},
                                                 {"whoami", "--no-refresh"},
                                                 {"whoami", "--valid-for", "1m"}}) {
        LoggedIn world;
        world.clock.advance(Seconds(300));
        CHECK(world.run(look).exit == 0);
        CHECK(world.expiry() == "2026-01-31T09:15:00Z");
    }
    LoggedIn world;
    world.clock.advance(Seconds(300));
    world.must({"whoami"});
    CHECK(world.expiry() == "2026-01-31T09:20:00Z");
}

TEST_CASE("whoami -q says it by exit code alone") {
    LoggedIn world;
    const Outcome quiet = world.run({"whoami", "-q"});
    CHECK(quiet.exit == 0);
    CHECK(quiet.out.empty());
    CHECK(quiet.err.empty());
    world.must({"logout"});
    CHECK(world.run({"whoami", "-q"}).exit == 4);
}

TEST_CASE("whoami --valid-for fails before the token does") {
    LoggedIn world;
    CHECK(world.run({"whoami", "--valid-for", "10m"}).exit == 0);
    world.clock.advance(Seconds(1));
    const Outcome brief = world.run({"whoami", "--valid-for", "10m"});
    CHECK(brief.exit == 5);
    CHECK(brief.out.empty());
    CHECK(brief.err.find("the token is valid for 599s only") != std::string::npos);
    CHECK(world.run({"whoami", "--valid-for", "soon"}).exit == 2);
}

TEST_CASE("a token from the environment is used as it is") {
    LoggedIn world;
    const std::string line =
        world.type("some password")
            .must({"login", "ann@example.org", "--password-stdin", "--no-store"})
            .out;
    world.must({"logout"});
    world.environment["AUTH_CLI_TOKEN"] = line.substr(0, line.size() - 1);
    CHECK(world.run({"whoami"}).exit == 0);
    world.clock.advance(Seconds(599));
    CHECK(world.run({"whoami"}).exit == 0);
    world.clock.advance(Seconds(1));
    CHECK(world.run({"whoami"}).exit == 5);
    CHECK_FALSE(std::filesystem::exists(world.token_file()));
    world.environment["AUTH_CLI_TOKEN"] = "not.a.token";
    CHECK(world.run({"whoami"}).exit == 6);
}

TEST_CASE("whoami ends with the user") {
    for (const std::vector<std::string>& end :
         {std::vector<std::string>{"delete", "ann@example.org", "--yes"},
          {"disable", "ann@example.org"},
          {"reset", "ann@example.org", "--by-operator", "--generate-password"}}) {
        LoggedIn world;
        world.must(end);
        const Outcome ended = world.run({"whoami", "--json"});
        CHECK(ended.exit == 6);
        CHECK(ended.problem().at("code") == "invalid_token");
        CHECK(ended.problem().at("reason") == "revoked");
    }
}

TEST_CASE("a token file that others can read is exit 12 with its repair") {
    LoggedIn world;
    std::filesystem::permissions(world.token_file(), std::filesystem::perms(0644));
    const Outcome refused = world.run({"whoami", "--json"});
    CHECK(refused.exit == 12);
    CHECK(refused.problem().at("code") == "unsafe_permissions");
    CHECK(refused.problem().at("hint") == "chmod 600 '" + world.token_file().string() + "'");
}

TEST_CASE("whoami names the profile, and the rule that chose it") {
    LoggedIn world;
    world.must({"create", "work@example.org", "--no-password", "--verified"});
    world.type("work password")
        .must({"reset", "work@example.org", "--by-operator", "--password-stdin"});
    world.type("work password")
        .must({"login", "work@example.org", "--password-stdin", "--profile", "work"});
    world.file(".config/auth-cli/config.json",
               R"({"profile_rules": [{"directory": "~/jobs/", "profile": "work"}]})");
    std::filesystem::create_directories(world.home() / "jobs/acme");
    const auto who = [&](std::vector<std::string> more = {}) {
        more.insert(more.begin(), {"whoami", "--json"});
        return world.must(more).document();
    };
    CHECK(who().at("email") == "ann@example.org");
    CHECK(who().at("profile") == "default");
    CHECK(who().at("profile_rule").is_null());

    world.directory = std::filesystem::canonical(world.home() / "jobs/acme");
    CHECK(who().at("email") == "work@example.org");
    CHECK(who().at("profile") == "work");
    CHECK(who().at("profile_rule") == "~/jobs/");
    CHECK(world.must({"whoami"})
              .out.find("profile       work, by the profile rule for '~/jobs/'\n") !=
          std::string::npos);
    CHECK(world.must({"config", "get", "profile", "--field", "source"}).out == "profile rule\n");

    CHECK(who({"--profile", "default"}).at("email") == "ann@example.org");
    CHECK(who({"--profile", "default"}).at("profile_rule").is_null());
    const Json named = who({"--token-file", world.token_file().string()});
    CHECK(named.at("email") == "ann@example.org");
    CHECK(named.at("profile").is_null());
    CHECK(named.at("profile_rule").is_null());
    world.environment["AUTH_CLI_PROFILE"] = "default";
    CHECK(who().at("email") == "ann@example.org");
    world.environment["AUTH_CLI_PROFILE"] = "";
    CHECK(who().at("email") == "work@example.org");
    std::string token = world.must({"token", "print", "--profile", "default"}).out;
    token.pop_back();
    world.environment["AUTH_CLI_TOKEN"] = token;
    CHECK(who().at("email") == "ann@example.org");
    CHECK(who().at("profile").is_null());
    CHECK(who().at("profile_rule").is_null());
}

TEST_CASE("a rule goes before the profile of the config file, and only that file has rules") {
    LoggedIn world;
    world.directory = std::filesystem::canonical(world.home());
    const auto profile = [&] { return world.must({"config", "get", "profile"}).out; };
    const auto config = [&](const char* text) { world.file(".config/auth-cli/config.json", text); };
    config(R"({"profile": "usual", "profile_rules": [{"directory": "~", "profile": "here"}]})");
    CHECK(profile() == "here\n");
    std::filesystem::permissions(world.home() / ".config/auth-cli/config.json",
                                 std::filesystem::perms(0666));
    CHECK(world.run({"whoami"}).exit == 12);
    std::filesystem::remove(world.home() / ".config/auth-cli/config.json");
    config(R"({"profile_rules": {"~": "here"}})");
    const Outcome refused = world.run({"whoami", "--json"});
    CHECK(refused.exit == 2);
    CHECK(refused.problem().at("message").get<std::string>().starts_with(
        "'profile_rules' must be a list (in '"));
    config(R"({"profile_rules": [{"directory": "jobs", "profile": "here"}]})");
    CHECK(world.run({"whoami", "--json"}).problem().at("field") == "profile_rules");
    config("{}");
    CHECK(profile() == "default\n");
}

TEST_CASE("whoever reads a stored token names what does not hold one") {
    LoggedIn world;
    const std::string file = world.token_file().string();
    const std::vector<std::vector<std::string>> readers{
        {"whoami"},          {"token", "print"},  {"token", "refresh"},
        {"token", "verify"}, {"token", "decode"}, {"exec", "--", "true"}};
    for (const char* text : {"hello", "", "<html>\n"}) {
        world.file(".local/state/auth-cli/default.token", text);
        for (std::vector<std::string> words : readers) {
            words.insert(words.begin() + (words.front() == "token" ? 2 : 1), "--json");
            CAPTURE(words);
            const Outcome refused = world.run(words);
            CHECK(refused.exit == 6);
            CHECK(refused.problem().at("message").get<std::string>().find(file) !=
                  std::string::npos);
        }
    }
    world.environment["AUTH_CLI_TOKEN"] = "hello";
    for (const std::vector<std::string>& words :
         std::vector<std::vector<std::string>>{{"whoami"},
                                               {"logout"},
                                               {"token", "decode"},
                                               {"token", "verify"},
                                               {"token", "revoke"}}) {
        CAPTURE(words);
        const Outcome refused = world.run(words);
        CHECK(refused.exit == 6);
        CHECK(refused.err.starts_with("auth-cli: error: AUTH_CLI_TOKEN does not hold a token: "));
        CHECK(refused.err.ends_with("auth-cli: hint: unset AUTH_CLI_TOKEN\n"));
    }
    const std::string other = "@" + world.file("other", "hello").string();
    CHECK(world.run({"token", "decode", other}).err.find("/other' does not hold a token: ") !=
          std::string::npos);
}
