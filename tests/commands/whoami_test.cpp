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
