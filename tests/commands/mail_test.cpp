#include "support/catch.h"
#include "support/test_world.h"

using namespace auth;
using test::Outcome;
using test::TestWorld;

namespace {

const char* const ann = "ann@example.org";

struct WithTransport : TestWorld {
    WithTransport() { must({"config", "set", "mail.transport", "file"}); }
    Json latest() { return must({"outbox", "show", "--latest", "--json"}).document(); }
};

} // namespace

TEST_CASE("without a transport mails wait in the outbox") {
    TestWorld world;
    world.must({"create", ann, "--no-password"});
    CHECK(world.mails.empty());
    CHECK(world.must({"outbox", "show", "--latest", "--field", "state"}).out == "kept\n");
}

TEST_CASE("a mail is handed over once, to the stored address, with its code") {
    WithTransport world;
    world.must({"create", "Ann@EXAMPLE.org", "--no-password"});
    REQUIRE(world.mails.size() == 1);
    CHECK(world.mails.front().to == ann);
    CHECK(world.mails.front().kind == "verify");
    CHECK(world.latest().at("state") == "sent");
    CHECK(world.run({"verify", ann, world.mails.front().code}).exit == 0);
    CHECK(world.mails.size() == 1);
}

TEST_CASE("a mail that fails after the commit is exit 13, and the user exists") {
    WithTransport world;
    world.mail_fails = true;
    const Outcome made = world.run({"create", ann, "--no-password", "--json"});
    CHECK(made.exit == 13);
    CHECK(made.out.empty());
    CHECK(made.problem().at("code") == "delivery");
    CHECK(world.run({"show", ann}).exit == 0);
    CHECK(world.latest().at("state") == "failed");
    CHECK(world.must({"audit", "list", "--event", "mail_failed", "--jsonl"}).out.find("\"fail\"") !=
          std::string::npos);
    // The code is good all the same, and so is another try.
    world.mail_fails = false;
    world.must({"verify", ann, "--resend"});
    REQUIRE(world.mails.size() == 1);
    CHECK(world.run({"verify", ann, world.mails.front().code}).exit == 0);
}

TEST_CASE("whether a requested mail went out is not the asker's business") {
    WithTransport world;
    world.must({"create", ann, "--no-password"});
    world.mail_fails = true;
    const Outcome known = world.run({"reset", ann, "--request"});
    CHECK(known.exit == 0);
    CHECK(known.err == "if ann@example.org is a user, a reset code is on its way\n");
    CHECK(world.run({"verify", ann, "--resend"}).exit == 0);
    CHECK(world.latest().at("state") == "failed");
}

TEST_CASE("requests for nobody send nothing") {
    WithTransport world;
    world.must({"reset", "bob@example.org", "--request"});
    world.must({"verify", "bob@example.org", "--resend"});
    CHECK(world.mails.empty());
}

TEST_CASE("a dry run sends nothing") {
    WithTransport world;
    world.must({"create", ann, "--no-password", "-n"});
    world.must({"create", ann, "--no-password", "--verified"});
    world.must({"reset", ann, "--request", "-n"});
    world.must({"update", ann, "--email", "new@example.org", "-n"});
    CHECK(world.mails.empty());
}

TEST_CASE("a new address gets the code") {
    WithTransport world;
    world.must({"create", ann, "--no-password", "--verified"});
    world.must({"update", ann, "--email", "new@example.org"});
    REQUIRE(world.mails.size() == 1);
    CHECK(world.mails.front().to == "new@example.org");
    CHECK(world.run({"verify", "new@example.org", world.mails.front().code}).exit == 0);
}

TEST_CASE("outbox list gives neither code nor body") {
    TestWorld world;
    world.must({"create", ann, "--no-password"});
    const std::string code = world.code(ann, "verify");
    const Json list = world.must({"outbox", "list", "--json"}).document();
    const std::vector<std::string> expected{"id", "to", "kind", "subject", "created_at", "state"};
    REQUIRE(list.at("mails").size() == 1);
    CHECK(test::keys(list.at("mails").front()) == expected);
    CHECK(world.must({"outbox", "list"}).out.find(code) == std::string::npos);
}

TEST_CASE("within one second the latest mail is the last") {
    TestWorld world;
    world.must({"config", "set", "codes.resend_gap", "0s"});
    world.must({"create", ann, "--no-password"});
    for (int i = 0; i < 5; ++i) {
        const char* const kind = i % 2 == 0 ? "reset" : "verify";
        world.must(i % 2 == 0 ? std::vector<std::string>{"reset", ann, "--request"}
                              : std::vector<std::string>{"verify", ann, "--resend"});
        CHECK(world.must({"outbox", "show", "--latest", "--to", ann, "--field", "kind"}).out ==
              std::string(kind) + "\n");
    }
}
