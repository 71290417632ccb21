#include "core/codes/otpauth.h"
#include "support/catch.h"
#include "support/test_world.h"

using namespace auth;
using test::Outcome;
using test::TestWorld;

namespace {

const char* const ann = "ann@example.org";
const char* const asks_password = "Password of the account, to keep it (empty: none): ";
const char* const asks_code =
    "Code of your authenticator app, or a recovery code (empty: remove the app): ";

// Somebody signed up with ann's address.
struct SignedUp : TestWorld {
    SignedUp() {
        must({"config", "set", "verification.required", "false"});
        secure = true;
        type("first password").must({"create", ann, "--password-stdin"});
        secure = false;
        mailed = code(ann, "verify");
    }
    std::string mailed;

    std::vector<std::string> verify(const std::vector<std::string>& more = {}) const {
        std::vector<std::string> words{"verify", ann, mailed};
        words.insert(words.end(), more.begin(), more.end());
        return words;
    }
    bool opens() {
        return type("first password").run({"login", ann, "--password-stdin"}).exit == 0;
    }
    void adopt() {
        type("otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
            .must({"mfa", "enroll", ann, "--uri-file", "-", "--confirmed"});
    }
    // By the person; gives a recovery code.
    std::string enrol_own() {
        secure = true;
        const std::string uri = type("first password")
                                    .must({"mfa", "enroll", ann, "--password-stdin", "--json"})
                                    .document()
                                    .at("uri");
        const auto totp = parse_otpauth_uri(uri, true);
        REQUIRE(totp);
        const std::string first(hotp(*totp, time_step(*totp, clock.now())).reveal());
        const Json confirmed =
            type("first password")
                .must({"mfa", "confirm", ann, first, "--password-stdin", "--json"})
                .document();
        secure = false;
        return confirmed.at("recovery_codes").at(0);
    }
};

} // namespace

TEST_CASE("a code alone verifies, and says that the password of the sign-up is gone") {
    SignedUp world;
    const Outcome done = world.run(world.verify({"--no-input"}));
    CHECK(done.exit == 0);
    CHECK(done.out.empty());
    CHECK(done.err == "verified ann@example.org; the password that was set before is removed;"
                      " next: auth-cli reset ann@example.org\n");
    CHECK_FALSE(world.opens());
    CHECK(world.must({"show", ann, "--field", "verified"}).out == "true\n");
}

TEST_CASE("a script keeps the password by proving it beside the code") {
    SignedUp world;
    const Outcome wrong =
        world.type("second password").run(world.verify({"--password-stdin", "--json"}));
    CHECK(wrong.exit == 3);
    CHECK(wrong.problem().at("code") == "bad_credentials");
    world.clock.advance(Seconds(1));
    const Outcome done =
        world.type("first password").must(world.verify({"--password-stdin", "--json"}));
    CHECK(done.document().at("verified") == true);
    CHECK(done.document().at("next").empty());
    CHECK(world.opens());
}

TEST_CASE("a person is asked for the password once the code was right") {
    SignedUp world;
    SECTION("and keeps it") {
        world.answer(asks_password, "first password").must(world.verify());
        CHECK(world.opens());
    }
    SECTION("and has none") {
        const Outcome done = world.answer(asks_password, "").must(world.verify());
        CHECK(done.err.find("next: auth-cli reset") != std::string::npos);
        CHECK_FALSE(world.opens());
    }
    SECTION("but not after a wrong code") {
        const std::string wrong = world.mailed == "1111111" ? "2222222" : "1111111";
        CHECK(world.run({"verify", ann, wrong}).exit == 3);
    }
}

TEST_CASE("an app of the operator's is asked for by nobody and stays") {
    SignedUp world;
    world.adopt();
    world.answer(asks_password, "first password").must(world.verify());
    CHECK(world.must({"show", ann, "--field", "mfa"}).out == "true\n");
}

TEST_CASE("an app of the person's own is asked for beside the password") {
    SignedUp world;
    const std::string recovery_code = world.enrol_own();
    SECTION("and stays where it is proved") {
        world.answer(asks_password, "first password").answer(asks_code, recovery_code);
        world.must(world.verify());
        CHECK(world.must({"show", ann, "--field", "mfa"}).out == "true\n");
    }
    SECTION("by a script as well") {
        world.type("first password")
            .must(world.verify({"--password-stdin", "--recovery-code", recovery_code}));
        CHECK(world.must({"show", ann, "--field", "mfa"}).out == "true\n");
    }
    SECTION("and goes with an empty answer") {
        const Outcome done = world.answer(asks_password, "first password")
                                 .answer(asks_code, "")
                                 .must(world.verify());
        CHECK(done.err ==
              "verified ann@example.org; the second factor that was set up before is removed\n");
        CHECK(world.must({"show", ann, "--field", "mfa"}).out == "false\n");
        CHECK(world.opens());
    }
}

TEST_CASE("a code of the app proves nothing without the password") {
    SignedUp world;
    const Outcome refused = world.run(world.verify({"--totp", "123456", "--no-input", "--json"}));
    CHECK(refused.exit == 2);
    CHECK(refused.problem().at("field") == "password");
}
