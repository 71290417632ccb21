#include "core/base/encoding.h"
#include "core/codes/otpauth.h"
#include "support/catch.h"
#include "support/files.h"
#include "support/test_world.h"

using namespace auth;
using test::content;
using test::Outcome;
using test::TestWorld;
namespace fs = std::filesystem;

namespace {

const char* const ann = "ann@example.org";
const char* const asks_code = "Code of your authenticator app, or a recovery code: ";
const char* const uri =
    "otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&algorithm=SHA1&digits=6";

struct WithAnn : TestWorld {
    WithAnn() { type("pw").must({"create", ann, "--password-stdin", "--verified"}); }

    // What an app of hers shows, `steps` from now.
    std::string code(const std::string& of = uri, std::int64_t steps = 0) {
        const auto totp = parse_otpauth_uri(of, true);
        REQUIRE(totp);
        return std::string(hotp(*totp, time_step(*totp, clock.now()) + steps).reveal());
    }
    // Puts the app in force; its code is fresh again half a minute later.
    void adopt() {
        type(uri).must({"mfa", "enroll", ann, "--uri-file", "-", "--confirmed"});
        clock.advance(Seconds(30));
    }
    Outcome log_in(std::vector<std::string> more = {}) {
        std::vector<std::string> arguments{"login", ann, "--password-stdin"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return type("pw").run(arguments);
    }
    std::string reason(const Outcome& refused) {
        CHECK(refused.exit == 8);
        return refused.problem().at("reason");
    }
    std::vector<std::string> recovery_codes() {
        return must({"mfa", "recovery-codes", ann, "--json"})
            .document()
            .at("recovery_codes")
            .get<std::vector<std::string>>();
    }
    std::string link() {
        std::string line =
            must({"outbox", "show", "--latest", "--kind", "link", "--field", "link"}).out;
        line.pop_back();
        return line;
    }
};

} // namespace

TEST_CASE("an app is enrolled, confirmed and asked for") {
    WithAnn world;
    REQUIRE(world.log_in().exit == 0);
    const Json enrolled =
        world.type("pw").must({"mfa", "enroll", "--password-stdin", "--json"}).document();
    CHECK(enrolled.at("schema") == "auth-cli.totp/1");
    CHECK(enrolled.at("algorithm") == "SHA1");
    CHECK(enrolled.at("digits") == 6);
    CHECK(enrolled.at("period") == 30);
    CHECK(enrolled.at("state") == "pending");
    CHECK(enrolled.at("next").at(0) == "auth-cli mfa confirm CODE");
    const std::string shared = enrolled.at("uri");
    CHECK(shared.find("secret=" + enrolled.at("secret").get<std::string>() + "&") !=
          std::string::npos);
    CHECK(world.must({"show", ann, "--field", "mfa"}).out == "false\n");

    const Json confirmed =
        world.type(world.code(shared) + "\n").must({"mfa", "confirm", "-", "--json"}).document();
    CHECK(confirmed.at("recovery_codes").size() == 10);
    CHECK(world.must({"show", ann, "--field", "mfa"}).out == "true\n");
    CHECK(world.reason(world.log_in({"--json"})) == "mfa_required");
    world.clock.advance(Seconds(30));
    CHECK(world.log_in({"--totp", world.code(shared)}).exit == 0);
    CHECK(world.log_in({"--totp", world.code(shared)}).exit == 3);
    world.clock.advance(Seconds(1));
    CHECK(world.log_in({"--recovery-code", confirmed.at("recovery_codes").at(0)}).exit == 0);
}

TEST_CASE("a person is asked for the code once the password was right") {
    WithAnn world;
    world.adopt();
    world.answer("Password: ", "pw").answer(asks_code, world.code()).must({"login", ann});
    CHECK(world.answer("Password: ", "wrong").run({"login", ann}).exit == 3);
    world.clock.advance(Seconds(60));
    const std::string recovery = world.recovery_codes().front();
    world.answer("Password: ", "pw").answer(asks_code, recovery).must({"login", ann});
}

TEST_CASE("the mail about a recovery code leaves even if the login cannot be stored") {
    WithAnn world;
    world.adopt();
    const std::string recovery = world.recovery_codes().front();
    world.must({"config", "set", "mail.transport", "file"});
    world.answer("Password: ", "pw").answer(asks_code, recovery, [&] {
        fs::create_directories(world.token_file());
    });
    SECTION("it is sent") {
        CHECK(world.run({"login", ann}).exit != 0);
        REQUIRE(world.mails.size() == 1);
        CHECK(world.mails.front().body.find("a recovery code was used") != std::string::npos);
    }
    SECTION("it fails, which the command's own failure does not hide") {
        world.mail_fails = true;
        const Outcome failed = world.run({"login", ann});
        CHECK(failed.exit != 0);
        CHECK(failed.exit != 13);
        CHECK(failed.err.find("auth-cli: warning: a notice to ann@example.org was not sent: the"
                              " transport took a day off\n") != std::string::npos);
    }
}

TEST_CASE("what cannot be a code is refused before the password is looked at") {
    WithAnn world;
    world.adopt();
    CHECK(world.run({"login", ann, "--password-file", "none", "--totp", "12345"}).exit == 2);
    CHECK(world.run({"login", ann, "--password-file", "none", "--recovery-code", "x"}).exit == 2);
    const Outcome both =
        world.type("123456").run({"login", ann, "--password-stdin", "--totp", "-"});
    CHECK(both.exit == 2);
    CHECK(both.err.find("read from stdin") != std::string::npos);
}

TEST_CASE("a subject enrols with the password, and replaces with a code") {
    WithAnn world;
    REQUIRE(world.log_in().exit == 0);
    CHECK(world.run({"mfa", "enroll"}).exit == 2);
    CHECK(world.type("wrong").run({"mfa", "enroll", "--password-stdin"}).exit == 3);
    world.clock.advance(Seconds(1));
    world.adopt();
    CHECK(world.reason(world.type("pw").run({"mfa", "enroll", "--password-stdin", "--json"})) ==
          "mfa_required");
    CHECK(
        world.type("pw").run({"mfa", "enroll", "--password-stdin", "--totp", world.code()}).exit ==
        0);
}

TEST_CASE("a subject needs a code to go without, an operator none") {
    WithAnn world;
    REQUIRE(world.log_in().exit == 0);
    world.adopt();
    CHECK(world.reason(world.run({"mfa", "disable", "--json"})) == "mfa_required");
    CHECK(world.reason(world.run({"mfa", "recovery-codes", "--json"})) == "mfa_required");
    CHECK(world.run({"mfa", "recovery-codes", "--totp", world.code()}).exit == 0);
    world.clock.advance(Seconds(30));
    CHECK(world.run({"mfa", "disable", "--totp", world.code()}).exit == 0);
    CHECK(world.log_in().exit == 0);
    world.adopt();
    const Json gone = world.must({"mfa", "disable", ann, "--json"}).document();
    CHECK(gone.at("mfa") == false);
    CHECK(gone.at("changed") == true);
    CHECK(world.must({"mfa", "disable", ann, "--json"}).document().at("changed") == false);
    const std::string trail = world.must({"audit", "list", "--event", "mfa_disabled"}).out;
    CHECK(trail.find("subject") != std::string::npos);
    CHECK(trail.find("operator") != std::string::npos);
}

TEST_CASE("where a factor is required one enrols with the password alone") {
    WithAnn world;
    world.must({"config", "set", "mfa.required", "all"});
    const Outcome refused = world.log_in({"--json"});
    CHECK(world.reason(refused) == "mfa_enrolment_required");
    CHECK(refused.problem().at("hint") == "auth-cli mfa enroll ann@example.org --password-stdin");
    world.secure = true;
    CHECK(world.run({"mfa", "enroll", ann}).exit == 2);
    CHECK(world.type("wrong").run({"mfa", "enroll", ann, "--password-stdin"}).exit == 3);
    CHECK(world.type("pw").run({"mfa", "enroll", "nobody@example.org", "--password-stdin"}).exit ==
          3);
    world.clock.advance(Seconds(1));
    std::string shared =
        world.type("pw").must({"mfa", "enroll", ann, "--password-stdin", "--field", "uri"}).out;
    shared.pop_back();
    CHECK(world.run({"mfa", "confirm", ann, world.code(shared)}).exit == 2);
    world.type("pw").must({"mfa", "confirm", ann, world.code(shared), "--password-stdin"});
    world.clock.advance(Seconds(30));
    CHECK(world.log_in({"--totp", world.code(shared)}).exit == 0);
}

TEST_CASE("with more rights than its caller no file is read or written for the caller") {
    WithAnn world;
    const std::string file = world.file("uri", uri);
    world.secure = true;
    CHECK(world.run({"mfa", "enroll", ann, "--password-stdin", "--uri-file", file}).exit == 2);
    CHECK(world.run({"mfa", "enroll", ann, "--password-stdin", "--qr", "x.png"}).exit == 2);
    CHECK(world.run({"mfa", "export", ann}).exit == 8);
    CHECK(world.type("pw").run({"mfa", "disable", ann, "--password-stdin"}).exit == 0);
}

TEST_CASE("a QR code goes into a file that nobody else can read, or onto stdout") {
    WithAnn world;
    const std::string png = world.home() / "code.png";
    const std::string svg = world.home() / "code.svg";
    CHECK(world.must({"mfa", "enroll", ann, "--qr", png, "--field", "qr_file"}).out == png + "\n");
    CHECK(content(png) == "PNG of 3");
    CHECK((fs::status(png).permissions() & fs::perms::mask) ==
          (fs::perms::owner_read | fs::perms::owner_write));
    world.must({"mfa", "enroll", ann, "--qr", svg});
    CHECK(content(svg).find("viewBox=\"0 0 11 11\"") != std::string::npos);
    CHECK(content(svg).ends_with("\"/>\n</svg>\n"));
    // "otpauth:/": odd letters are o, a, u, colon is even; the rest by their codes.
    const Outcome drawn = world.must({"mfa", "enroll", ann, "--qr", "-"});
    CHECK(drawn.out.starts_with("███████████\n███████████\n"));
    CHECK(drawn.out.find("otpauth://totp/") != std::string::npos);
    const Outcome black =
        world.must({"mfa", "enroll", ann, "--qr", "terminal", "--color", "always"});
    CHECK(black.out.starts_with("\x1b[38;5;16;48;5;231m           \x1b[0m\n"));
    CHECK(world.run({"mfa", "enroll", ann, "--qr", "code.jpg"}).exit == 2);
}

TEST_CASE("secrets move by otpauth URI") {
    WithAnn world;
    world.adopt();
    const Json moved = world.must({"mfa", "export", ann, "--json"}).document();
    CHECK(moved.at("secret") == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    CHECK(moved.at("state") == "confirmed");
    CHECK(
        world.must({"audit", "list", "--event", "mfa_exported", "--jsonl"}).out.find("operator") !=
        std::string::npos);
    CHECK(world.type("GEZDGNBVGY3TQOJQ").run({"mfa", "enroll", ann, "--uri-file", "-"}).exit == 2);
    CHECK(world.run({"mfa", "enroll", ann, "--confirmed"}).exit == 2);
    CHECK(world.run({"mfa", "enroll", ann, "--uri-file", "-", "--digits", "8"}).exit == 2);
}

TEST_CASE("dry runs show no secret and change nothing") {
    WithAnn world;
    const Json enrolled = world.must({"mfa", "enroll", ann, "-n", "--json"}).document();
    CHECK(enrolled.at("uri").is_null());
    CHECK(enrolled.at("secret").is_null());
    world.adopt();
    const Json codes = world.must({"mfa", "recovery-codes", ann, "-n", "--json"}).document();
    CHECK(codes.at("recovery_codes").empty());
    world.must({"mfa", "disable", ann, "-n"});
    CHECK(world.log_in({"-n", "--totp", world.code()}).exit == 0);
    CHECK(world.log_in({"--totp", world.code()}).exit == 0);
}

TEST_CASE("who must change the password does so without an operator") {
    WithAnn world;
    world.must({"update", ann, "--must-change-password"});
    CHECK(world.reason(world.log_in({"--json"})) == "must_change_password");
    SECTION("at a terminal, while logging in") {
        CHECK(world.answer("Password: ", "pw")
                  .answer("New password: ", "pw")
                  .answer("Repeat password: ", "pw")
                  .run({"login", ann})
                  .exit == 8);
        world.answer("Password: ", "pw")
            .answer("New password: ", "next")
            .answer("Repeat password: ", "next")
            .must({"login", ann});
        CHECK(world.must({"whoami", "--field", "must_change_password"}).out == "false\n");
    }
    SECTION("in a script, by the old one") {
        const std::string old = world.file("old", "pw\n");
        world.type("next").must(
            {"passwd", ann, "--current-password-file", old, "--password-stdin"});
        CHECK_FALSE(fs::exists(world.token_file()));
    }
    CHECK(world.type("next").run({"login", ann, "--password-stdin"}).exit == 0);
}

TEST_CASE("the own password asks for the second factor too") {
    WithAnn world;
    world.adopt();
    REQUIRE(world.log_in({"--totp", world.code()}).exit == 0);
    world.clock.advance(Seconds(30));
    const std::string old = world.file("old", "pw\n");
    const std::vector<std::string> change{"passwd", "--current-password-file", old,
                                          "--password-stdin", "--json"};
    CHECK(world.reason(world.type("next").run(change)) == "mfa_required");
    std::vector<std::string> proved = change;
    proved.insert(proved.end(), {"--totp", world.code()});
    CHECK(world.type("next").run(proved).exit == 0);
    CHECK(world.run({"whoami"}).exit == 0);
}

TEST_CASE("a mailed link logs in") {
    WithAnn world;
    const Outcome known = world.must({"login", ann, "--send-link", "--json"});
    const Outcome unknown = world.must({"login", "nob@example.org", "--send-link", "--json"});
    CHECK(known.document().at("kind") == "link");
    CHECK(test::keys(known.document()) == test::keys(unknown.document()));
    const std::string token = world.link();
    CHECK(token.size() == 43);
    CHECK(world.must({"outbox", "show", "--latest", "--field", "body"})
              .out.find("auth-cli login --link " + token) != std::string::npos);
    CHECK(world.type(token + "\n").run({"login", "--link", "-"}).exit == 0);
    CHECK(world.must({"whoami", "--field", "email"}).out == "ann@example.org\n");
    CHECK(world.run({"login", "--link", token}).exit == 3);
    CHECK(world.run({"login", "--link", "no link"}).exit == 2);
}

TEST_CASE("a link to a page is taken whole") {
    WithAnn world;
    world.must({"config", "set", "links.base_url", "https://id.example.org/in"});
    world.must({"login", ann, "--send-link"});
    const std::string link = world.link();
    CHECK(link.starts_with("https://id.example.org/in?token="));
    CHECK(world.run({"login", ann, "--link", link}).exit == 0);
}

TEST_CASE("settings of links and factors are checked") {
    WithAnn world;
    for (const char* wrong : {"http://id.example.org", "http://localhost.example.org", "https://",
                              "ftp://x", "https://x/#y", "https://x y"})
        CHECK(world.run({"config", "set", "links.base_url", wrong}).exit == 2);
    CHECK(world.run({"config", "set", "links.base_url", "http://localhost:8080/in"}).exit == 0);
    for (const char* wrong : {"some", "role:", "role:Not A Role", "ALL"})
        CHECK(world.run({"config", "set", "mfa.required", wrong}).exit == 2);
    CHECK(world.must({"config", "set", "mfa.required", "role:admin"})
              .err.find("there is no role 'admin' yet") != std::string::npos);
    world.must({"role", "create", "admin"});
    CHECK(world.must({"config", "set", "mfa.required", "role:admin"}).err.find("no role") ==
          std::string::npos);
}

TEST_CASE("what many apps ignore is warned of at enrolment, and when a code is wrong") {
    WithAnn world;
    const std::string warning = "auth-cli: warning: many authenticator apps ignore ";
    const auto enroll = [&](std::vector<std::string> more) {
        more.insert(more.begin(), {"mfa", "enroll", ann});
        return world.must(more);
    };
    const auto hint = [&](const std::string& code) {
        world.clock.advance(Seconds(3600));
        const Outcome refused = world.run({"mfa", "confirm", ann, code, "--json"});
        CHECK(refused.exit == 3);
        return refused.problem().at("hint").get<std::string>();
    };
    CHECK(enroll({}).err.find("warning") == std::string::npos);
    CHECK(hint("000000") == "wait for the app's next code, and check the clock");
    CHECK(enroll({"--alg", "sha256"}).err.starts_with(warning + "SHA256, and"));
    CHECK(hint("000000") == "wait for the app's next code, and check the clock; many apps ignore"
                            " SHA256: to enrol with what all of them know, run: auth-cli mfa enroll"
                            " ann@example.org");
    CHECK(enroll({"--digits", "8", "--json"}).err ==
          warning + "8 digits, and their codes are then always wrong\n");
    CHECK(hint("00000000").find("ignore 8 digits") != std::string::npos);
    CHECK(enroll({"--alg", "sha512", "-q"}).err.empty());
    // An app that has it already knows it.
    const Outcome adopted =
        world.type("otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=8")
            .must({"mfa", "enroll", ann, "--uri-file", "-", "--confirmed"});
    CHECK(adopted.err.find("warning") == std::string::npos);
}
