#include "support/catch.h"
#include "support/logged_in.h"

#include <set>

using namespace auth;
using test::Outcome;

namespace {

const char* const ann = "ann@example.org";

struct LoggedIn : test::LoggedIn {
    void log_in(const char* profile = "default") {
        type("some password").must({"login", ann, "--password-stdin", "--profile", profile});
    }
    Json sessions(std::vector<std::string> more = {}) {
        more.insert(more.begin(), {"session", "list", "--json"});
        return must(more).document().at("sessions");
    }
    std::string session_of(const char* profile = "default") {
        std::string line =
            must({"whoami", "--no-refresh", "--profile", profile, "--field", "session.id"}).out;
        line.pop_back();
        return line;
    }
    std::size_t audit_rows() {
        return must({"audit", "list", "--json"}).document().at("events").size();
    }
};

} // namespace

TEST_CASE("a listed session has every member") {
    LoggedIn world;
    const Json listed = world.sessions();
    REQUIRE(listed.size() == 1);
    CHECK(listed[0].at("id") == world.session_of());
    CHECK(listed[0].at("email") == ann);
    CHECK(listed[0].at("kind") == "login");
    CHECK(listed[0].at("created_at") == "2026-01-31T09:05:00Z");
    CHECK(listed[0].at("used_at") == "2026-01-31T09:05:00Z");
    CHECK(listed[0].at("idle_expires_at") == "2026-01-31T09:15:00Z");
    CHECK(listed[0].at("expires_at") == "2026-01-31T21:05:00Z");
    CHECK(listed[0].at("state") == "live");
    CHECK(listed[0].at("reason").is_null());
    CHECK(listed[0].at("current") == true);
    CHECK(listed[0].size() == 11);
}

TEST_CASE("a list longer than a page holds every session once, the newest first") {
    LoggedIn world;
    for (int i = 0; i < 504; ++i)
        world.log_in("work");
    const Json listed = world.sessions();
    REQUIRE(listed.size() == 505);
    std::set<Json> ids;
    for (const Json& session : listed)
        ids.insert(session.at("id"));
    CHECK(ids.size() == 505);
    CHECK(world.sessions({"id:" + listed[0].at("user_id").get<std::string>()}).size() == 505);
}

TEST_CASE("a token from the environment is the current session") {
    LoggedIn world;
    std::string token =
        world.type("some password").must({"login", ann, "--password-stdin", "--no-store"}).out;
    token.pop_back();
    const std::string stored = world.session_of();
    world.environment["AUTH_CLI_TOKEN"] = token;
    for (const Json& session : world.sessions())
        CHECK((session.at("id") == stored) != (session.at("current") == true));
    for (const char* odd : {"nonsense", "e30.eyJzaWQiOjF9.", "e30.e30."}) {
        world.environment["AUTH_CLI_TOKEN"] = odd;
        for (const Json& session : world.sessions())
            CHECK(session.at("current") == false);
    }
}

TEST_CASE("one unknown id and no session is ended") {
    LoggedIn world;
    const std::string id = world.session_of();
    const std::size_t rows = world.audit_rows();
    const Outcome unknown =
        world.run({"session", "revoke", id, "01900000-0000-7000-8000-000000000000", "--json"});
    CHECK(unknown.exit == 7);
    CHECK(unknown.out.empty());
    CHECK(unknown.problem().at("message").get<std::string>().find("01900000-0000") !=
          std::string::npos);
    CHECK(world.run({"whoami"}).exit == 0);
    for (const std::string& other : {id.substr(0, 8), "id:" + id, id + "x", std::string("%")})
        CHECK(world.run({"session", "revoke", other}).exit == 7);
    CHECK(world.audit_rows() == rows);
}

TEST_CASE("what had ended is not ended again") {
    LoggedIn world;
    const std::string id = world.session_of();
    world.clock.advance(Seconds(600));
    const Json idle = world.must({"session", "revoke", id, "--json"}).document();
    CHECK(idle.at("changed") == false);
    CHECK(idle.at("sessions")[0].at("changed") == false);
    CHECK(idle.at("sessions")[0].at("state") == "idle");
    CHECK(
        world.must({"session", "revoke", "--user", ann, "--json"}).document() ==
        Json({{"schema", "auth-cli.sessions/1"}, {"sessions", Json::array()}, {"changed", false}}));
}

TEST_CASE("all sessions of a user end at once, and nobody else's") {
    LoggedIn world;
    world.log_in("work");
    world.type("some password")
        .must({"create", "bob@example.org", "--password-stdin", "--verified", "--login",
               "--profile", "bob"});
    CHECK(world.must({"session", "revoke", "--user", ann, "-n", "--json"})
              .document()
              .at("sessions")
              .size() == 2);
    CHECK(world.run({"whoami", "--no-refresh"}).exit == 0);
    const Json ended = world.must({"session", "revoke", "--user", ann, "--json"}).document();
    REQUIRE(ended.at("sessions").size() == 2);
    for (const Json& session : ended.at("sessions")) {
        CHECK(session.at("changed") == true);
        CHECK(session.at("state") == "ended");
        CHECK(session.at("reason") == "all_sessions_ended");
    }
    CHECK(world.run({"whoami"}).exit == 6);
    CHECK(world.run({"whoami", "--profile", "work"}).exit == 6);
    CHECK(world.run({"whoami", "--profile", "bob"}).exit == 0);
    world.log_in();
    CHECK(world.run({"whoami"}).exit == 0);
}

TEST_CASE("sessions are for operators to list and to end") {
    LoggedIn world;
    const std::string id = world.session_of();
    world.secure = true;
    CHECK(world.run({"session", "list"}).exit == 8);
    CHECK(world.run({"session", "revoke", id}).exit == 8);
    CHECK(world.run({"session", "revoke", "--user", ann}).exit == 8);
}
