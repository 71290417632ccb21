#include "support/catch.h"
#include "support/test_world.h"

#include <algorithm>

using namespace auth;
using test::Outcome;
using test::TestWorld;

namespace {

using Words = std::vector<std::string>;

// A terminal of ten rows, and a list of thirty roles.
struct AtTerminal : TestWorld {
    AtTerminal() {
        for (int i = 10; i < 40; ++i)
            must({"role", "create", "role" + std::to_string(i), "-q"});
        stdout_is_terminal = true;
        terminal_rows = 10;
        environment["TERM"] = "xterm";
    }
    Outcome list(Words more = {}) {
        more.insert(more.begin(), {"role", "list"});
        return must(more);
    }
};

} // namespace

TEST_CASE("a list that is longer than the terminal goes through the pager, whole") {
    AtTerminal world;
    CHECK(world.list().out.empty());
    CHECK(world.pager == Words{"less"});
    CHECK(std::count(world.paged.begin(), world.paged.end(), '\n') == 31);
    CHECK(world.paged.find("role39") != std::string::npos);
}

TEST_CASE("PAGER says which, with its arguments, and no shell reads it") {
    AtTerminal world;
    world.environment["PAGER"] = "most  -s $(touch f);x";
    (void)world.list();
    CHECK(world.pager == Words{"most", "-s", "$(touch", "f);x"});
    world.environment["PAGER"] = ""; // as if it were not set
    (void)world.list();
    CHECK(world.pager == Words{"less"});
}

TEST_CASE("what fits the terminal needs no pager") {
    AtTerminal world;
    world.terminal_rows = 32;
    const std::string out = world.list().out;
    CHECK(std::count(out.begin(), out.end(), '\n') == 31);
    CHECK(world.pager.empty());
    world.terminal_rows = 31;
    CHECK(world.list().out.empty());
}

TEST_CASE("no pager comes between programs, nor where somebody does without") {
    AtTerminal world;
    const auto goes_straight = [&](const Words& more = {}) {
        const bool shown = !world.list(more).out.empty();
        return shown && world.pager.empty() && world.paged.empty();
    };
    for (const char* form : {"--json", "--jsonl", "--plain"})
        CHECK(goes_straight({form}));
    world.environment["PAGER"] = "cat";
    CHECK(goes_straight());
    world.environment.erase("PAGER");
    world.environment["TERM"] = "dumb";
    CHECK(goes_straight());
    world.environment["TERM"] = "xterm";
    world.has_pager = false;
    CHECK(goes_straight());
    world.has_pager = true;
    world.stdout_is_terminal = false;
    CHECK(goes_straight());
}

TEST_CASE("nobody gets a program started with rights that were only lent") {
    AtTerminal world;
    world.environment["PAGER"] = "sh";
    world.environment["SUDO_UID"] = "1000";
    CHECK_FALSE(world.list().out.empty());
    CHECK(world.pager.empty());
    world.environment.erase("SUDO_UID");
    world.secure = true;
    (void)world.run({"role", "list"});
    CHECK(world.pager.empty());
}

TEST_CASE("a failure to write what was held back is a failure") {
    AtTerminal world;
    world.terminal_rows = 100;
    world.stdout_closed = true;
    const Outcome failed = world.run({"role", "list"});
    CHECK(failed.exit == 12);
    CHECK(failed.err.find("cannot write to stdout") != std::string::npos);
}

TEST_CASE("what is said about a list comes after it") {
    AtTerminal world;
    world.stdout_is_terminal = true;
    const Outcome shown = world.must({"config", "list"});
    CHECK(shown.err.empty());
    CHECK_FALSE(world.paged.empty());
}
