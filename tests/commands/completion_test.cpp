#include "support/catch.h"
#include "support/test_world.h"

using namespace auth;
using test::TestWorld;

namespace {

std::string offered(TestWorld& world, std::vector<std::string> words) {
    words.insert(words.begin(), {"__complete", "--"});
    return world.must(words).out;
}

} // namespace

TEST_CASE("completion shows who has less rights than the program nothing of the database") {
    TestWorld world;
    world.must({"create", "ann@example.org", "--no-password"});
    world.must({"role", "create", "tester"});
    CHECK(offered(world, {"show", ""}) == "none space\nann@example.org\t\n");
    world.secure = true;
    for (const std::vector<std::string>& words : {std::vector<std::string>{"show", ""},
                                                  {"show", "@"},
                                                  {"show", "id:"},
                                                  {"role", "delete", ""},
                                                  {"key", "retire", ""},
                                                  {"whoami", "--profile", ""},
                                                  {"config", "set", "mfa.required", "role:"}})
        CHECK(offered(world, words) == "none space\n");
    CHECK(offered(world, {"whoam"}).starts_with("none space\nwhoami\t"));
}

TEST_CASE("completion takes words as they are") {
    TestWorld world;
    world.must({"create", "ann@example.org", "--no-password"});
    CHECK(offered(world, {"show", "$(echo ann)"}) == "none space\n");
    CHECK(offered(world, {"show", "ann@example.org' or '1'='1"}) == "none space\n");
    CHECK(offered(world, {"show", "%"}) == "none space\n");
    CHECK(offered(world, {"show", std::string("ann\0@", 5)}) == "none space\n");
    CHECK(offered(world, {}) == "none space\n");
    CHECK(offered(world, {"--", "show", "ann"}) == "none space\nann@example.org\t\n");
}

TEST_CASE("after -- there are arguments and no flags") {
    TestWorld world;
    world.must({"create", "ann@example.org", "--no-password"});
    CHECK(offered(world, {"show", "--", "a"}) == "none space\nann@example.org\t\n");
    CHECK(offered(world, {"show", "--", "--"}) == "none space\n");
    CHECK(offered(world, {"exec", "--env", "X", "--", "--"}) == "programs space\n");
}
