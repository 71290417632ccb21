#include "support/catch.h"
#include "support/test_world.h"

using namespace auth;
using test::Outcome;
using test::TestWorld;

namespace {

const char* const ann = "ann@example.org";

struct WithAnn : TestWorld {
    WithAnn() { type("old password").must({"create", ann, "--password-stdin", "--verified"}); }
    bool opens(const std::string& password) {
        clock.advance(Seconds(60));
        return type(password).run({"login", ann, "--password-stdin"}).exit == 0;
    }
    std::string requested_code() {
        must({"reset", ann, "--request"});
        return code(ann, "reset");
    }
};

} // namespace

TEST_CASE("a mailed code sets a new password") {
    WithAnn world;
    const std::string code = world.requested_code();
    const Outcome done = world.type("new password\n").run({"reset", ann, code, "--password-stdin"});
    CHECK(done.exit == 0);
    CHECK(done.out.empty());
    CHECK(done.err == "reset the password of ann@example.org; all sessions have ended\n");
    CHECK(world.opens("new password"));
    CHECK_FALSE(world.opens("old password"));
    const Outcome again = world.type("third").run({"reset", ann, code, "--password-stdin"});
    CHECK(again.exit == 3);
}

TEST_CASE("a request answers alike for known and unknown addresses") {
    WithAnn world;
    const Outcome known = world.run({"reset", ann, "--request"});
    const Outcome unknown = world.run({"reset", "bob@example.org", "--request"});
    CHECK(known.exit == 0);
    CHECK(unknown.exit == 0);
    CHECK(known.err == "if ann@example.org is a user, a reset code is on its way\n");
    CHECK(unknown.err == "if bob@example.org is a user, a reset code is on its way\n");
    CHECK(known.out.empty());
    CHECK(unknown.out.empty());
    const Outcome early = world.run({"reset", ann, "--request", "--json"});
    const Outcome early_unknown = world.run({"reset", "bob@example.org", "--request", "--json"});
    CHECK(early.exit == 10);
    CHECK(early.err == early_unknown.err);
    CHECK(early.problem().at("retry_after") == 60);
}

TEST_CASE("a wrong code is refused alike for known and unknown addresses") {
    WithAnn world;
    world.requested_code();
    const Outcome known =
        world.type("pw").run({"reset", ann, "00000", "--password-stdin", "--json"});
    const Outcome unknown =
        world.type("pw").run({"reset", "bob@example.org", "00000", "--password-stdin", "--json"});
    CHECK(known.exit == 3);
    CHECK(unknown.exit == 3);
    CHECK(known.problem().at("code") == "bad_code");
    CHECK(known.problem().at("message") == unknown.problem().at("message"));
    CHECK(world.opens("old password"));
}

TEST_CASE("an old code is exit 5") {
    WithAnn world;
    const std::string code = world.requested_code();
    world.clock.advance(Seconds(600));
    const Outcome late = world.type("pw").run({"reset", ann, code, "--password-stdin", "--json"});
    CHECK(late.exit == 5);
    CHECK(late.problem().at("hint") == "auth-cli reset ann@example.org --request");
}

TEST_CASE("a code may come from stdin, if the password does not") {
    WithAnn world;
    const std::string code = world.requested_code();
    const Outcome refused = world.type(code).run({"reset", ann, "-", "--password-stdin", "--json"});
    CHECK(refused.exit == 2);
    CHECK(refused.problem().at("message") ==
          "both the code and the password would be read from stdin");
    const std::string file = world.file("password", "new password\n");
    CHECK(world.type(code + "\n").run({"reset", ann, "-", "--password-file", file}).exit == 0);
    CHECK(world.opens("new password"));
}

TEST_CASE("on a terminal reset does it all") {
    WithAnn world;
    world.must({"config", "set", "codes.resend_gap", "0s"});
    // The code is not known before it is mailed, so the first go is given up.
    world.answer("Code: ", "not digits");
    const Outcome stopped = world.run({"reset", ann});
    CHECK(stopped.exit == 2);
    CHECK(stopped.err.find("a reset code is on its way\n") != std::string::npos);
    const std::string code = world.code(ann, "reset");
    world.answer("New password: ", "new password").answer("Repeat password: ", "new password");
    CHECK(world.run({"reset", ann, code}).exit == 0);
    CHECK(world.opens("new password"));
}

TEST_CASE("without code or terminal the way to get one is told") {
    WithAnn world;
    const Outcome refused = world.run({"reset", ann, "--generate-password"});
    CHECK(refused.exit == 2);
    CHECK(refused.err == "auth-cli: error: no code was given\n"
                         "auth-cli: hint: give it with the argument CODE, or ask for one with"
                         " --request\n");
}

TEST_CASE("reset can make the password") {
    WithAnn world;
    const Outcome done = world.run({"reset", ann, world.requested_code(), "--generate-password"});
    CHECK(done.exit == 0);
    CHECK(world.opens(done.out));
}

TEST_CASE("an operator needs no code") {
    WithAnn world;
    CHECK(
        world.type("new password").run({"reset", ann, "--by-operator", "--password-stdin"}).exit ==
        0);
    CHECK(world.opens("new password"));
    CHECK(world.run({"reset", "bob@example.org", "--by-operator", "--generate-password"}).exit ==
          7);
    CHECK(world.run({"reset", ann, "1234567", "--by-operator", "--generate-password"}).exit == 2);
    CHECK(world.run({"reset", ann, "--request", "--by-operator"}).exit == 2);
}

TEST_CASE("a reset ends the stored login") {
    WithAnn world;
    REQUIRE(world.opens("old password"));
    const std::string code = world.requested_code();
    world.type("new password").must({"reset", ann, code, "--password-stdin"});
    const Outcome ended = world.run({"whoami", "--json"});
    CHECK(ended.exit == 6);
    CHECK(ended.problem().at("reason") == "revoked");
}

TEST_CASE("a dry run of a request keeps and counts nothing") {
    WithAnn world;
    world.must({"reset", ann, "--request", "-n"});
    world.must({"reset", ann, "--request", "-n"});
    CHECK(world.must({"outbox", "list", "--jsonl"}).out.empty());
}

TEST_CASE("verify takes the mailed code, and only digits") {
    TestWorld world;
    world.must({"create", ann, "--no-password"});
    const std::string code = world.code(ann, "verify");
    CHECK(world.run({"verify", ann, "12a4567"}).exit == 2);
    CHECK(world.type(code + "\n").must({"verify", ann, "-"}).err == "verified ann@example.org\n");
    CHECK(world.run({"verify", ann, code}).exit == 3);
    CHECK(world.must({"show", ann, "--field", "verified"}).out == "true\n");
}
