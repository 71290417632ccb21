#include "support/catch.h"
#include "support/files.h"
#include "support/test_world.h"

using namespace auth;
using test::content;
using test::Outcome;
using test::TestWorld;
namespace fs = std::filesystem;

namespace {

struct WithAnn : TestWorld {
    WithAnn() {
        type("some password").must({"create", "ann@example.org", "--password-stdin", "--verified"});
    }
    Outcome log_in(std::vector<std::string> more = {},
                   const std::string& password = "some password",
                   const std::string& who = "ann@example.org") {
        std::vector<std::string> arguments{"login", who, "--password-stdin"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return type(password).run(arguments);
    }
};

} // namespace

TEST_CASE("login writes the token file and keeps the token off the screen") {
    WithAnn world;
    const Outcome done = world.log_in();
    CHECK(done.exit == 0);
    CHECK(done.out.empty());
    CHECK(done.err == "logged in as ann@example.org; the token in " + world.token_file().string() +
                          " expires 2026-01-31T09:15:00Z\n");
    CHECK(test::mode_of(world.token_file()) == 0600);
    CHECK(content(world.token_file()).starts_with("ey"));
    CHECK(world.must({"whoami", "--field", "email"}).out == "ann@example.org\n");
}

TEST_CASE("login --print shows the very token it stored") {
    WithAnn world;
    const Outcome done = world.log_in({"--print"});
    CHECK(done.exit == 0);
    CHECK(done.out == content(world.token_file()));
}

TEST_CASE("login --no-store leaves no file") {
    WithAnn world;
    const Outcome done = world.log_in({"--no-store"});
    CHECK(done.exit == 0);
    CHECK(done.out.starts_with("ey"));
    CHECK_FALSE(fs::exists(world.token_file()));
    world.environment["AUTH_CLI_TOKEN"] = done.out.substr(0, done.out.size() - 1);
    CHECK(world.must({"whoami", "--field", "email"}).out == "ann@example.org\n");
}

TEST_CASE("neither login nor logout costs a file that holds something else") {
    WithAnn world;
    const fs::path key = world.home() / ".local/share/auth-cli/auth.key";
    const std::string before = content(key);
    const std::vector<std::vector<std::string>> all{
        {"login", "ann@example.org", "--password-stdin"},
        {"create", "bob@example.org", "--verified", "--login", "--password-stdin"},
        {"logout"},
    };
    for (std::vector<std::string> words : all) {
        CAPTURE(words);
        words.insert(words.end(), {"--token-file", key.string(), "--json"});
        if (words.front() == "create")
            world.type("some password");
        const Outcome refused = world.run(words);
        CHECK(refused.exit == 12);
        CHECK(refused.problem().at("reason") == "not_a_login");
        CHECK(content(key) == before);
    }
    CHECK(world.must({"list", "--count"}).out == "1\n");
    CHECK(world.must({"audit", "list", "--event", "authn_login_success", "--jsonl"}).out.empty());
    CHECK(world.log_in().exit == 0);
}

TEST_CASE("a login that cannot hand over its token leaves no session and no new file") {
    WithAnn world;
    const auto live = [&] {
        return world.must({"session", "list", "--json"}).document().at("sessions").size();
    };
    fs::create_directories(world.token_file());
    const fs::path state = world.token_file().parent_path();
    const Outcome unstored = world.log_in({"--json"});
    CHECK(unstored.exit == 12);
    CHECK(unstored.out.empty());
    CHECK(live() == 0);
    CHECK(std::distance(fs::directory_iterator(state), fs::directory_iterator()) == 1);

    const Outcome created = world.type("some password")
                                .run({"create", "bob@example.org", "--verified", "--login",
                                      "--password-stdin", "--json"});
    CHECK(created.exit == 12);
    CHECK(created.problem().at("message").get<std::string>().starts_with(
        "the user was created, but the login was not stored: "));
    CHECK(live() == 0);

    world.stdout_closed = true;
    const Outcome unprinted = world.log_in({"--no-store"});
    const Outcome unissued = world.run({"token", "issue", "ann@example.org"});
    world.stdout_closed = false;
    CHECK(unprinted.exit == 12);
    CHECK(unissued.exit == 12);
    CHECK(world.log_in({"--no-store", "--field", "session.none"}).exit == 7);
    CHECK(live() == 0);
    CHECK(world.must({"audit", "list", "--event", "session_ended", "--json"})
              .document()
              .at("events")
              .size() == 5);

    fs::remove(world.token_file());
    CHECK(world.log_in().exit == 0);
    CHECK(live() == 1);
}

TEST_CASE("a changed password whose login cannot be stored is told as such") {
    WithAnn world;
    REQUIRE(world.log_in().exit == 0);
    const std::string token = content(world.token_file());
    world.environment["AUTH_CLI_TOKEN"] = token.substr(0, token.size() - 1);
    fs::remove(world.token_file());
    fs::create_directory(world.token_file());
    const Outcome changed = world.type("another good password")
                                .run({"passwd", "--password-stdin", "--current-password-file",
                                      world.file("current", "some password").string(), "--json"});
    CHECK(changed.exit == 12);
    CHECK(changed.problem().at("message").get<std::string>().starts_with(
        "the password was changed, but the login was not stored: "));
    CHECK(world.must({"session", "list", "--json"}).document().at("sessions").empty());
}

TEST_CASE("wrong password and unknown user cannot be told apart") {
    WithAnn world;
    world.must({"config", "set", "lockout.waits", "true"});
    const Outcome known = world.log_in({"--json"}, "wrong");
    const Outcome unknown = world.log_in({"--json"}, "wrong", "bob@example.org");
    CHECK(known.exit == 3);
    CHECK(unknown.exit == 3);
    CHECK(known.out.empty());
    CHECK(known.err == unknown.err);
    CHECK(known.problem().at("code") == "bad_credentials");
    const Outcome early_known = world.log_in({"--json"});
    const Outcome early_unknown = world.log_in({"--json"}, "wrong", "bob@example.org");
    CHECK(early_known.exit == 10);
    CHECK(early_known.err == early_unknown.err);
    CHECK(early_known.problem().at("code") == "rate_limited");
    CHECK(early_known.problem().at("retry_after") == 1);
    CHECK_FALSE(fs::exists(world.token_file()));
}

TEST_CASE("a failed login leaves an earlier one alone") {
    WithAnn world;
    world.log_in();
    const std::string before = content(world.token_file());
    CHECK(world.log_in({}, "wrong").exit == 3);
    CHECK(content(world.token_file()) == before);
    CHECK(world.run({"whoami"}).exit == 0);
}

TEST_CASE("a hundred wrong passwords lock, and unlock ends it") {
    WithAnn world;
    for (int i = 0; i < 100; ++i)
        REQUIRE(world.log_in({}, "wrong").exit == 3);
    const Outcome locked = world.log_in({"--json"});
    CHECK(locked.exit == 10);
    CHECK(locked.problem().at("code") == "locked_out");
    CHECK(world.must({"show", "ann@example.org", "--field", "locked_until"}).out ==
          "9999-12-31T23:59:59Z\n");
    world.must({"unlock", "ann@example.org"});
    CHECK(world.log_in().exit == 0);
}

TEST_CASE("only after the right password the account's state is told") {
    WithAnn world;
    const auto reason = [&](const std::string& password) {
        world.clock.advance(Seconds(60));
        const Json problem = world.log_in({"--json"}, password).problem();
        return problem.at("code").get<std::string>() + "/" +
               (problem.at("reason").is_null() ? "" : problem.at("reason").get<std::string>());
    };
    world.must({"disable", "ann@example.org"});
    CHECK(reason("wrong") == "bad_credentials/");
    CHECK(reason("some password") == "refused/disabled");
    world.must({"enable", "ann@example.org"});
    world.type("next password")
        .must({"reset", "ann@example.org", "--by-operator", "--must-change-password",
               "--password-stdin"});
    CHECK(reason("some password") == "bad_credentials/");
    CHECK(reason("next password") == "refused/must_change_password");
    world.type("new").must({"create", "new@example.org", "--password-stdin"});
    const Outcome unverified = world.log_in({"--json"}, "new", "new@example.org");
    CHECK(unverified.exit == 8);
    CHECK(unverified.problem().at("reason") == "unverified");
    CHECK(unverified.problem().at("hint") == "auth-cli verify new@example.org");
}

TEST_CASE("on a terminal login asks for what is missing") {
    WithAnn world;
    world.answer("E-mail: ", "ann@example.org").answer("Password: ", "some password");
    CHECK(world.run({"login"}).exit == 0);
    world.answer("Password: ", "some password");
    CHECK(world.run({"login", "ann@example.org"}).exit == 0);
    const Outcome nothing = world.run({"login"});
    CHECK(nothing.exit == 2);
    CHECK(nothing.err.find("give it with the argument EMAIL") != std::string::npos);
    CHECK(world.run({"login", "ann@example.org"}).exit == 2);
}

TEST_CASE("--no-input asks nothing even on a terminal") {
    WithAnn world;
    world.answer("Password: ", "some password");
    // The question that was scripted is never asked.
    CHECK_THROWS_AS(world.run({"login", "ann@example.org", "--no-input"}), std::logic_error);
}

TEST_CASE("a password file may be named by the environment") {
    WithAnn world;
    world.environment["AUTH_CLI_PASSWORD_FILE"] = world.file("password", "some password\n");
    CHECK(world.run({"login", "ann@example.org"}).exit == 0);
}

TEST_CASE("login --ttl sets the idle limit, up to the cap") {
    WithAnn world;
    const auto expires_in = [&](const char* ttl) {
        return world.log_in({"--ttl", ttl, "--json"}).document().at("expires_in");
    };
    CHECK(expires_in("30s") == 30);
    CHECK(expires_in("2h") == 7200);
    CHECK(expires_in("12h") == 43200);
    for (const char* ttl : {"0s", "13h", "10", "-5m", "soon"}) {
        CAPTURE(ttl);
        const Outcome refused =
            world.run({"login", "ann@example.org", std::string("--ttl=") + ttl});
        CHECK(refused.exit == 2);
    }
}

TEST_CASE("profiles keep logins apart") {
    WithAnn world;
    CHECK(world.log_in({"--profile", "work"}).exit == 0);
    CHECK(world.run({"whoami"}).exit == 4);
    CHECK(world.run({"whoami", "--profile", "work"}).exit == 0);
    world.must({"logout", "--profile", "work"});
    CHECK(world.run({"whoami", "--profile", "work"}).exit == 4);
}

TEST_CASE("a profile is a name and not a path") {
    WithAnn world;
    for (const char* name : {"../escaped", "a/b", "/tmp/x", "..", "."}) {
        CAPTURE(name);
        const Outcome refused = world.run({"whoami", "--profile", name, "--json"});
        CHECK(refused.exit == 2);
    }
}

TEST_CASE("a dry run of login writes nothing") {
    WithAnn world;
    CHECK(world.log_in({"-n"}).exit == 0);
    CHECK_FALSE(fs::exists(world.token_file()));
    CHECK(world.must({"show", "ann@example.org", "--json"}).document().at("last_login_at") ==
          nullptr);
}

TEST_CASE("who logs in may be named by user name or id") {
    WithAnn world;
    world.must({"update", "ann@example.org", "--username", "ann"});
    const std::string id =
        world.must({"show", "ann@example.org", "--json"}).document().at("id").get<std::string>();
    CHECK(world.log_in({}, "some password", "@ann").exit == 0);
    CHECK(world.log_in({}, "some password", "id:" + id).exit == 0);
}

TEST_CASE("logout ends the session and removes the files") {
    WithAnn world;
    const std::string token = world.log_in({"--print"}).out;
    CHECK(world.must({"logout"}).err == "logged out\n");
    CHECK_FALSE(fs::exists(world.token_file()));
    world.environment["AUTH_CLI_TOKEN"] = token.substr(0, token.size() - 1);
    CHECK(world.run({"whoami"}).exit == 6);
    world.environment.clear();
    CHECK(world.must({"logout"}).err == "nobody is logged in\n");
}
