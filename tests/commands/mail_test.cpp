#include "core/ports/process.h"
#include "support/catch.h"
#include "support/test_world.h"

#include <algorithm>

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
    CHECK(made.problem().at("reason") == "deferred");
    CHECK(made.problem().at("message") ==
          "the user ann@example.org exists, but the mail with the code was not sent: the transport"
          " took a day off");
    CHECK(made.problem().at("hint") == "auth-cli verify ann@example.org --resend");
    CHECK(world.run({"show", ann}).exit == 0);
    CHECK(world.latest().at("state") == "kept");
    CHECK(world.latest().at("error") == "deferred");
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
    CHECK(world.latest().at("state") == "kept");
    CHECK(world.latest().at("attempts") == 1);
}

TEST_CASE("what is mailed on request leaves in a process of its own") {
    WithTransport world;
    world.must({"create", ann, "--no-password"});
    world.must({"create", "bob@example.org", "--no-password", "--verified"});
    world.mails.clear();
    world.on_detach = [&] { CHECK(world.mails.empty()); };
    for (const std::vector<std::string>& words :
         std::vector<std::vector<std::string>>{{"reset", "bob@example.org", "--request"},
                                               {"verify", ann, "--resend"},
                                               {"login", "bob@example.org", "--send-link"}}) {
        CAPTURE(words);
        world.detached = 0;
        world.must(words);
        CHECK(world.detached == 1);
        REQUIRE(world.mails.size() == 1);
        world.mails.clear();
    }
}

TEST_CASE("requests for nobody send nothing") {
    WithTransport world;
    world.must({"login", "bob@example.org", "--send-link"});
    world.must({"reset", "bob@example.org", "--request"});
    world.must({"verify", "bob@example.org", "--resend"});
    CHECK(world.mails.empty());
    CHECK(world.detached == 3); // as for somebody
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
    const std::vector<std::string> expected{"id",         "to",    "kind",     "subject",
                                            "created_at", "state", "attempts", "next_attempt_at",
                                            "error"};
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

TEST_CASE("what is due is sent, and said to be") {
    TestWorld world;
    world.must({"create", ann, "--no-password"});
    world.must({"create", "bob@example.org", "--no-password"});
    const Outcome none = world.run({"outbox", "send", "--json"});
    CHECK(none.exit == 8);
    CHECK(none.problem().at("reason") == "no_transport");
    world.must({"config", "set", "mail.transport", "file"});
    const Json planned = world.must({"outbox", "send", "-n", "--json"}).document();
    CHECK(planned.at("due") == 2);
    CHECK(planned.at("sent") == 0);
    CHECK(world.mails.empty());
    const Json sent = world.must({"outbox", "send", "--json"}).document();
    CHECK(sent.at("schema") == "auth-cli.sends/1");
    CHECK(sent.at("sent") == 2);
    CHECK(sent.at("mails").at(0).at("to") == ann);
    REQUIRE(world.mails.size() == 2);
    CHECK(world.run({"verify", ann, world.mails.front().code}).exit == 0);
    CHECK(world.must({"outbox", "send"}).err == "nothing is due\n");
}

TEST_CASE("mails that fail for now are exit 14, and wait") {
    TestWorld world;
    world.must({"create", ann, "--no-password"});
    world.must({"config", "set", "mail.transport", "file"});
    world.mail_fails = true;
    const Outcome failed = world.run({"outbox", "send", "--json"});
    CHECK(failed.exit == 14);
    CHECK(failed.document().at("retried") == 1);
    CHECK(failed.document().at("mails").at(0).at("detail") == "the transport took a day off");
    world.mail_fails = false;
    CHECK(world.must({"outbox", "send", "--json"}).document().at("sent") == 0);
    world.clock.advance(Seconds(60));
    CHECK(world.must({"outbox", "send", "--json"}).document().at("sent") == 1);
}

TEST_CASE("a code that was used, replaced or is too old is not sent any more") {
    TestWorld world;
    for (const char* email : {"used@example.org", "replaced@example.org", "old@example.org"})
        world.must({"create", email, "--no-password"});
    world.must({"verify", "used@example.org", "--by-operator"});
    world.must({"verify", "replaced@example.org", "--resend"});
    world.must({"config", "set", "mail.transport", "file"});
    const Json first = world.must({"outbox", "send", "--json", "--limit", "2"}).document();
    CHECK(first.at("dropped") == 2);
    world.clock.advance(Seconds(600));
    const Json second = world.must({"outbox", "send", "--json"}).document();
    CHECK(second.at("dropped") == 2);
    CHECK(second.at("sent") == 0);
    CHECK(world.mails.empty());
}

TEST_CASE("a test mail goes to any address, and is not kept") {
    WithTransport world;
    const Json sent = world.must({"outbox", "test", "Any@Example.org", "--json"}).document();
    CHECK(sent.at("to") == "any@example.org");
    REQUIRE(world.mails.size() == 1);
    CHECK(world.mails.front().to == "any@example.org");
    CHECK(world.mails.front().body.find("whether mail arrives") != std::string::npos);
    CHECK(world.must({"outbox", "list", "--json"}).document().at("mails").empty());
    world.mail_fails = true;
    CHECK(world.run({"outbox", "test", ann}).exit == 13);
    CHECK(world.run({"outbox", "test", "ann"}).exit == 2);
    const std::string trail =
        world.must({"audit", "list", "--event", "mail_tested", "--plain"}).out;
    CHECK(trail.find("any@example.org") != std::string::npos);
    CHECK(trail.find("fail") != std::string::npos);
}

TEST_CASE("users hear of changed passwords, whoever changed them") {
    WithTransport world;
    const std::string old_file = world.file("old", "violet-kettle-marches-9-northward");
    const std::string new_file = world.file("new", "seven.brass.otters.under.ice");
    world.must({"create", ann, "--verified", "--password-file", old_file});
    world.must({"login", ann, "--password-file", old_file});
    CHECK(world.mails.empty());
    world.must({"passwd", "--current-password-file", old_file, "--password-file", new_file});
    world.must({"passwd", ann, "--password-file", old_file});
    world.must({"reset", ann, "--by-operator", "--password-file", new_file});
    CHECK(world.mails.size() == 3);
    world.must({"reset", ann, "--request"});
    REQUIRE(world.mails.size() == 4);
    world.must({"reset", ann, world.mails.back().code, "--password-file", old_file});
    REQUIRE(world.mails.size() == 5);
    for (const std::size_t at : {0U, 1U, 2U, 4U}) {
        CHECK(world.mails.at(at).kind == "notice");
        CHECK(world.mails.at(at).subject == "Your password was changed");
        CHECK(world.mails.at(at).to == ann);
    }
}

TEST_CASE("users hear of logins from places they have not been") {
    WithTransport world;
    const std::string file = world.file("password", "violet-kettle-marches-9-northward");
    world.must({"create", ann, "--verified", "--password-file", file});
    const auto log_in_at = [&](const std::string& place) {
        world.place = place;
        world.must({"login", ann, "--password-file", file});
        return world.mails.size();
    };
    CHECK(log_in_at("laptop") == 0);
    CHECK(log_in_at("laptop") == 0);
    CHECK(log_in_at("server, from 192.0.2.7") == 1);
    CHECK(log_in_at("laptop") == 1);
    CHECK(log_in_at("server, from 192.0.2.7") == 1);
    CHECK(world.mails.back().body.find("server, from 192.0.2.7") != std::string::npos);
    world.must({"config", "set", "mail.notices", "false"});
    CHECK(log_in_at("elsewhere") == 1);
    // A dry run is no visit.
    world.must({"config", "set", "mail.notices", "true"});
    world.place = "at sea";
    world.must({"login", ann, "--password-file", file, "-n"});
    CHECK(world.mails.size() == 1);
    CHECK(log_in_at("at sea") == 2);
}

TEST_CASE("a notice that fails changes no exit code, and waits") {
    WithTransport world;
    const std::string file = world.file("password", "violet-kettle-marches-9-northward");
    world.must({"create", ann, "--verified", "--no-password"});
    world.mail_fails = true;
    const Outcome changed = world.run({"passwd", ann, "--password-file", file, "--json"});
    CHECK(changed.exit == 0);
    CHECK(changed.document().at("changed") == true);
    CHECK(changed.err ==
          "auth-cli: warning: a notice to ann@example.org was not sent: the transport"
          " took a day off\n");
    world.mail_fails = false;
    world.clock.advance(Seconds(60));
    CHECK(world.must({"outbox", "send", "--json"}).document().at("sent") == 1);
}

TEST_CASE("a notice goes out whatever becomes of the output") {
    WithTransport world;
    const std::string file = world.file("password", "violet-kettle-marches-9-northward");
    world.must({"create", ann, "--verified", "--no-password"});
    const std::vector<std::string> change = {"passwd", ann, "--password-file", file, "--json"};
    SECTION("its reader leaves") {
        world.on_output = [] { throw ReaderGone(); };
        CHECK(world.run(change).exit == 0);
    }
    SECTION("it cannot be written") {
        world.stdout_closed = true;
        CHECK(world.run(change).exit == 12);
    }
    SECTION("something breaks") {
        world.on_output = [] { throw std::runtime_error("out of memory"); };
        CHECK(world.run(change).exit == 1);
    }
    REQUIRE(world.mails.size() == 1);
    CHECK(world.mails.front().subject == "Your password was changed");
}

TEST_CASE("with the outbox as transport nobody is notified unless that is wanted") {
    TestWorld world;
    const std::string file = world.file("password", "violet-kettle-marches-9-northward");
    world.must({"create", ann, "--verified", "--no-password"});
    world.must({"passwd", ann, "--password-file", file});
    CHECK(world.must({"outbox", "list", "--json"}).document().at("mails").empty());
    world.must({"config", "set", "mail.notices", "true"});
    world.must({"passwd", ann, "--password-file", file});
    CHECK(world.must({"outbox", "list", "--field", "kind"}).out == "notice\n");
    // Nobody has proved to own this address.
    world.must({"create", "bob@example.org", "--password-file", file});
    world.must({"passwd", "bob@example.org", "--password-file", file});
    CHECK(world.must({"outbox", "list", "--to", "bob@example.org", "--field", "kind"}).out ==
          "verify\n");
}

TEST_CASE("a code is not read unnoticed") {
    WithTransport world;
    const auto shown = [&] {
        const std::string trail =
            world.must({"audit", "list", "--event", "mail_shown", "--jsonl"}).out;
        return std::count(trail.begin(), trail.end(), '\n');
    };
    world.must({"create", ann, "--no-password"});
    world.must({"outbox", "show", "--latest"});
    CHECK(shown() == 0); // it was sent, so no code is left to be read
    world.must({"config", "set", "mail.transport", "outbox"});
    world.must({"create", "bob@example.org", "--no-password"});
    world.must({"outbox", "list"});
    CHECK(shown() == 0);
    world.must({"outbox", "show", "--latest"});
    CHECK(shown() == 1);
    world.must({"outbox", "wait", "--to", "bob@example.org", "--print", "code"});
    CHECK(shown() == 2);
    const Json row = world.must({"audit", "list", "--event", "mail_shown", "--json"})
                         .document()
                         .at("events")
                         .at(0);
    CHECK(row.at("target") ==
          world.must({"show", "bob@example.org", "--json"}).document().at("id"));
    CHECK(row.at("detail").at("kind") == "verify");
}
