#include "support/catch.h"
#include "support/logged_in.h"
#include "support/test_world.h"

#include <filesystem>

using namespace auth;
using test::Outcome;
using test::TestWorld;

namespace {

struct LoggedIn : test::LoggedIn {
    std::string token(const char* flag = "--no-store") {
        std::string line =
            type("some password").must({"login", "ann@example.org", "--password-stdin", flag}).out;
        line.pop_back();
        return line;
    }
    Json revoke(std::vector<std::string> more = {}) {
        more.insert(more.begin(), {"token", "revoke", "--json"});
        return must(more).document();
    }
};

} // namespace

TEST_CASE("revoking a token leaves the stored login alone") {
    LoggedIn world;
    const std::string token = world.token();
    const Json revoked = world.revoke({token});
    CHECK(revoked.at("changed") == true);
    CHECK(revoked.at("token_file").is_null());
    CHECK(world.revoke({token}).at("changed") == false);
    CHECK(world.run({"whoami"}).exit == 0);
    world.environment["AUTH_CLI_TOKEN"] = token;
    CHECK(world.run({"whoami"}).exit == 6);
    CHECK(world.revoke().at("changed") == false);
    CHECK(std::filesystem::exists(world.token_file()));
}

TEST_CASE("revoking the stored login removes its files, even where its session had ended") {
    for (const int idle : {0, 600}) {
        LoggedIn world;
        world.clock.advance(Seconds(idle));
        const Json revoked = world.revoke();
        CHECK(revoked.at("changed") == true);
        CHECK(revoked.at("token_file") == world.token_file().string());
        CHECK_FALSE(std::filesystem::exists(world.token_file()));
        CHECK(world.revoke().at("changed") == false);
    }
}

TEST_CASE("a stored login that is not ours stays where it is") {
    LoggedIn world;
    world.file(".local/state/auth-cli/default.token", "e30.e30.\n");
    std::filesystem::remove(world.home() / ".local/state/auth-cli/default.session.json");
    CHECK(world.run({"token", "revoke"}).exit == 6);
    CHECK(std::filesystem::exists(world.token_file()));
}

TEST_CASE("a dry run of a revocation ends nothing") {
    LoggedIn world;
    CHECK(world.revoke({"--dry-run"}).at("changed") == true);
    CHECK(world.run({"whoami"}).exit == 0);
    const std::string token = world.token();
    CHECK(world.revoke({token, "--dry-run"}).at("changed") == true);
    CHECK(world.revoke({token}).at("changed") == true);
}

TEST_CASE("without a login there is nothing to revoke, nor a database to open") {
    TestWorld world(TestWorld::Start::with_nothing);
    const Outcome nobody = world.run({"token", "revoke"});
    CHECK(nobody.exit == 0);
    CHECK(nobody.err == "nobody is logged in\n");
    CHECK(std::filesystem::is_empty(world.home()));
}

TEST_CASE("with more rights than its caller the program still ends the caller's session") {
    LoggedIn world;
    world.secure = true;
    const std::string token = world.token();
    (void)world.token("--print");
    CHECK(world.revoke({token}).at("changed") == true);
    CHECK(world.run({"token", "revoke", "@" + world.token_file().string()}).exit == 2);
    CHECK(world.revoke().at("changed") == true);
}

TEST_CASE("logging out ends a session that only its refresh token proves") {
    LoggedIn world;
    const std::string token = world.token("--print");
    world.file(".local/state/auth-cli/default.token", "e30.e30.\n");
    CHECK(world.must({"logout", "--json"}).document().at("changed") == true);
    world.environment["AUTH_CLI_TOKEN"] = token;
    CHECK(world.run({"whoami", "--json"}).problem().at("reason") == "revoked");
}
