#include "core/profile/profile.h"
#include "support/catch.h"
#include "support/test_world.h"

#include <filesystem>

using namespace auth;
using test::Outcome;
using test::TestWorld;

namespace {

bool exists(TestWorld& world, const std::string& email) {
    return world.run({"show", email}).exit == 0;
}

bool logs_in(TestWorld& world, const std::string& email, const std::string& password) {
    return world.type(password).run({"login", email, "--password-stdin", "--no-store"}).exit == 0;
}

} // namespace

TEST_CASE("create makes a user, says so, and says what comes next") {
    TestWorld world;
    const Outcome made = world.type("some password\n")
                             .run({"create", "Ann@example.org", "--password-stdin", "--name",
                                   "Ann Lee", "--set", "team=red"});
    CHECK(made.exit == 0);
    CHECK(made.out.empty());
    CHECK(made.err == "created Ann@example.org; next: auth-cli verify ann@example.org\n");
    const Json user = world.must({"show", "ann@example.org", "--json"}).document();
    CHECK(user.at("email") == "Ann@example.org");
    CHECK(user.at("name") == "Ann Lee");
    CHECK(user.at("attributes").at("team") == "red");
    CHECK(user.at("verified") == false);
    CHECK(world.code("ann@example.org", "verify").size() == 7);
}

TEST_CASE("a password loses one newline and nothing else") {
    TestWorld world;
    world.type(" spaced out \n")
        .must({"create", "a@example.org", "--password-stdin", "--verified"});
    CHECK(logs_in(world, "a@example.org", " spaced out "));
    const Outcome refused =
        world.type("two\n\n").run({"create", "b@example.org", "--password-stdin", "--json"});
    CHECK(refused.exit == 2);
    CHECK(refused.problem().at("field") == "password");
    CHECK_FALSE(exists(world, "b@example.org"));
}

TEST_CASE("on a terminal the password is asked for twice") {
    TestWorld world;
    world.answer("New password: ", "typed well").answer("Repeat password: ", "typed well");
    world.must({"create", "a@example.org", "--verified"});
    CHECK(logs_in(world, "a@example.org", "typed well"));
    world.answer("New password: ", "typed well").answer("Repeat password: ", "typed badly");
    const Outcome refused = world.run({"create", "b@example.org"});
    CHECK(refused.exit == 2);
    CHECK(refused.err == "auth-cli: error: the two passwords differ\n"
                         "auth-cli: hint: run the command again\n");
    CHECK_FALSE(exists(world, "b@example.org"));
}

TEST_CASE("without terminal or source the missing password is named with its flags") {
    TestWorld world;
    const Outcome refused = world.run({"create", "a@example.org"});
    CHECK(refused.exit == 2);
    CHECK(refused.out.empty());
    CHECK(refused.err == "auth-cli: error: no password was given\n"
                         "auth-cli: hint: give it with --password-stdin, --password-file or"
                         " --generate-password\n");
    CHECK_FALSE(exists(world, "a@example.org"));
}

TEST_CASE("a generated password is the output, and works") {
    TestWorld world;
    const Outcome made =
        world.must({"create", "a@example.org", "--generate-password", "--verified"});
    REQUIRE(made.out.size() > 20);
    CHECK(made.out.find('\n') == made.out.size() - 1);
    CHECK(made.err.find(made.out.substr(0, made.out.size() - 1)) == std::string::npos);
    CHECK(logs_in(world, "a@example.org", made.out));
    const Json again =
        world.must({"create", "b@example.org", "--generate-password", "--json"}).document();
    CHECK(again.at("generated_password").get<std::string>().size() > 20);
}

TEST_CASE("a password has one source") {
    TestWorld world;
    const std::string file = world.file("password", "from a file\n");
    world.must({"create", "a@example.org", "--password-file", file, "--verified"});
    CHECK(logs_in(world, "a@example.org", "from a file"));
    CHECK(world.run({"create", "b@example.org", "--password-file", file, "--generate-password"})
              .exit == 2);
    CHECK(world.run({"create", "b@example.org", "--no-password", "--password-stdin"}).exit == 2);
    CHECK(world.run({"create", "b@example.org", "--password-file", file + ".missing"}).exit == 12);
    CHECK_FALSE(exists(world, "b@example.org"));
}

TEST_CASE("no flag takes a password as its value") {
    TestWorld world;
    const Outcome refused = world.run({"create", "a@example.org", "--password", "hunter2"});
    CHECK(refused.exit == 2);
    CHECK(refused.err.find("hunter2") == std::string::npos);
    CHECK_FALSE(exists(world, "a@example.org"));
}

TEST_CASE("an address that is taken is exit 9, or fine where that was asked for") {
    TestWorld world;
    world.must({"create", "a@example.org", "--no-password"});
    const Outcome taken = world.run({"create", "A@EXAMPLE.org", "--no-password", "--json"});
    CHECK(taken.exit == 9);
    CHECK(taken.problem().at("code") == "exists");
    CHECK(taken.problem().at("field") == "email");
    CHECK(taken.problem().at("hint") == "auth-cli show a@example.org");
    const Json fine =
        world.must({"create", "a@example.org", "--no-password", "--if-not-exists", "--json"})
            .document();
    CHECK(fine.at("changed") == false);
    CHECK(world.must({"list", "--count"}).out == "1\n");
}

TEST_CASE("create --login logs in at once") {
    TestWorld world;
    world.type("some password")
        .must({"create", "a@example.org", "--password-stdin", "--verified", "--login"});
    CHECK(std::filesystem::exists(world.token_file()));
    CHECK(world.must({"whoami", "--field", "email"}).out == "a@example.org\n");
}

TEST_CASE("create --login that cannot work makes nobody") {
    TestWorld world;
    CHECK(world.type("some password")
              .run({"create", "a@example.org", "--password-stdin", "--login"})
              .exit == 2);
    CHECK(world.run({"create", "a@example.org", "--no-password", "--verified", "--login"}).exit ==
          2);
    CHECK_FALSE(exists(world, "a@example.org"));
}

TEST_CASE("a dry run makes nobody and gives no password away") {
    TestWorld world;
    const Outcome dry = world.must({"create", "a@example.org", "--generate-password", "-n"});
    CHECK(dry.out.empty());
    CHECK(dry.err.starts_with("dry run: created a@example.org"));
    CHECK_FALSE(exists(world, "a@example.org"));
    CHECK(world.must({"outbox", "list", "--jsonl"}).out.empty());
    CHECK(world.must({"create", "a@example.org", "--no-password", "-n", "--json"})
              .document()
              .at("changed") == true);
}

TEST_CASE("a dry run of create --login does neither") {
    TestWorld world;
    const Outcome dry =
        world.type("some password")
            .run({"create", "a@example.org", "--password-stdin", "--verified", "--login", "-n"});
    CHECK(dry.exit == 0);
    CHECK(dry.err == "dry run: created a@example.org\n");
    CHECK_FALSE(exists(world, "a@example.org"));
    CHECK_FALSE(std::filesystem::exists(world.token_file()));
}

TEST_CASE("roles must exist") {
    TestWorld world;
    const Outcome refused =
        world.run({"create", "a@example.org", "--no-password", "--role", "admin", "--json"});
    CHECK(refused.exit == 7);
    CHECK(refused.problem().at("field") == "role");
    CHECK_FALSE(exists(world, "a@example.org"));
    world.must({"role", "create", "admin"});
    const Json user =
        world.must({"create", "a@example.org", "--no-password", "--role", "admin", "--json"})
            .document();
    CHECK(user.at("roles") == Json::array({"admin"}));
}

TEST_CASE("each field of a profile has its flag, its member and its line") {
    TestWorld world;
    std::vector<std::string> words{"create", "p@example.org", "--no-password", "--json"};
    for (const ProfileField& field : profile_fields) {
        words.emplace_back(field.flag);
        words.push_back(std::string(field.name) + "-1");
    }
    const Json made = world.must(words).document();
    const std::string text = world.must({"show", "p@example.org"}).out;
    for (const ProfileField& field : profile_fields) {
        CAPTURE(field.name);
        const std::string value = std::string(field.name) + "-1";
        CHECK(made.at(field.name) == value);
        const std::size_t line = text.find("\n" + std::string(field.label) + "  ");
        REQUIRE(line != std::string::npos);
        CHECK(text.substr(line, text.find('\n', line + 1) - line).ends_with("  " + value));
        const Json cleared =
            world.must({"update", "p@example.org", field.flag, "", "--json"}).document();
        CHECK(cleared.at("changed") == true);
        CHECK(cleared.at(field.name) == nullptr);
    }
}

TEST_CASE("an address must be one") {
    TestWorld world;
    for (const char* email : {"", "ann", "ann@", "a b@example.org", "ann@example.org\n"}) {
        CAPTURE(email);
        const Outcome refused = world.run({"create", "--no-password", "--json", "--", email});
        CHECK(refused.exit == 2);
        CHECK(refused.out.empty());
    }
    CHECK(world.must({"list", "--count"}).out == "0\n");
}

TEST_CASE("a hash made elsewhere is taken over") {
    TestWorld world;
    // By libxcrypt through Python: crypt.crypt("some password", "$2b$05$abcdefghijklmnopqrstuu")
    const std::string file =
        world.file("hash", "$2b$05$abcdefghijklmnopqrstuufavidWBqdbsGdeRhVmolab7ZPXZhegG\n");
    world.must({"create", "a@example.org", "--password-hash-file", file, "--verified"});
    CHECK(logs_in(world, "a@example.org", "some password"));
    const std::string wrong = world.file("wrong", "some password\n");
    CHECK(world.run({"create", "b@example.org", "--password-hash-file", wrong}).exit == 2);
}

TEST_CASE("a missing database is never made silently") {
    TestWorld world(TestWorld::Start::with_nothing);
    const Outcome refused = world.run({"create", "a@example.org", "--no-password", "--json"});
    CHECK(refused.exit == 11);
    CHECK(refused.problem().at("code") == "database_missing");
    CHECK(refused.problem().at("hint") == "auth-cli db init");
    CHECK_FALSE(std::filesystem::exists(world.database()));
}
