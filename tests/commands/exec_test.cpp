#include "support/catch.h"
#include "support/logged_in.h"
#include "support/test_world.h"

using namespace auth;
using test::Outcome;
using test::TestWorld;

namespace {

using Words = std::vector<std::string>;

struct LoggedIn : test::LoggedIn {
    // What the program would become.
    Became becomes(const Words& arguments) {
        became.reset();
        const Outcome outcome = run(arguments);
        if (!became)
            throw std::logic_error(outcome.err);
        return *became;
    }
};

} // namespace

TEST_CASE("a command gets the stored token, renewed where that is due") {
    LoggedIn world;
    const auto first = world.becomes({"exec", "--", "deploy"});
    CHECK(first.variable == "AUTH_CLI_TOKEN");
    CHECK(first.value + "\n" == world.must({"token", "print"}).out);
    world.clock.advance(Seconds(300));
    const auto second = world.becomes({"exec", "--", "deploy"});
    CHECK(second.value != first.value);
    CHECK(second.value + "\n" == world.must({"token", "print"}).out);
    CHECK(world.becomes({"exec", "--env", "API_TOKEN", "--", "deploy"}).variable == "API_TOKEN");
}

TEST_CASE("what stands after the dashes is the command's, word for word") {
    LoggedIn world;
    for (const Words& command : std::vector<Words>{{"curl", "-q", "--json"},
                                                   {"-q"},
                                                   {"sh", "-c", "exit 7"},
                                                   {"a", "--", "b", "--"},
                                                   {"x", "[a,b]", "{}", "", "--help", "-h"},
                                                   {"exec", "--env", "X"},
                                                   {"", ""}}) {
        Words arguments{"exec", "--"};
        arguments.insert(arguments.end(), command.begin(), command.end());
        CHECK(world.becomes(arguments).command == command);
        arguments.insert(arguments.begin(), {"--profile", "default", "-q"});
        CHECK(world.becomes(arguments).command == command);
    }
}

TEST_CASE("without a command there is nothing to run") {
    LoggedIn world;
    for (const Words& arguments : std::vector<Words>{{"exec"},
                                                     {"exec", "--"},
                                                     {"exec", "sh"},
                                                     {"exec", "sh", "-c", "true"},
                                                     {"exec", "--env", "--", "sh"},
                                                     {"exec", "--env", "A B", "--", "sh"},
                                                     {"exec", "--env", "", "--", "sh"},
                                                     {"exec", "--dry-run", "--", "sh"},
                                                     {"exec", "--nonsense", "--", "sh"}})
        CHECK(world.run(arguments).exit == 2);
    CHECK_FALSE(world.became);
    for (const Words& arguments : std::vector<Words>{{"exec", "sh"}, {"exec", "sh", "-c", "true"}})
        CHECK(world.run(arguments).err == "auth-cli: error: put -- before the command 'sh'\n"
                                          "auth-cli: hint: auth-cli exec -- CMD\n");
}

TEST_CASE("nobody's command runs with nobody's token") {
    TestWorld world;
    CHECK(world.run({"exec", "--", "sh"}).exit == 4);
    world.environment["AUTH_CLI_TOKEN"] = "e30.e30.";
    CHECK(world.run({"exec", "--", "sh"}).exit == 6);
    CHECK_FALSE(world.became);
}

TEST_CASE("what cannot be become is told as a shell tells it") {
    LoggedIn world;
    const Outcome missing = world.run({"exec", "--json", "--", "nonsense"});
    CHECK(missing.exit == 127);
    CHECK(missing.out.empty());
    CHECK(missing.problem().at("code") == "command_not_found");
}

TEST_CASE("with more rights than its caller the program runs nothing for it") {
    LoggedIn world;
    world.secure = true;
    CHECK(world.run({"exec", "--", "sh"}).exit == 8);
    CHECK_FALSE(world.became);
}
