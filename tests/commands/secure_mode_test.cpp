#include "support/catch.h"
#include "support/test_world.h"

#include <filesystem>

using namespace auth;
using test::Outcome;
using test::TestWorld;
namespace fs = std::filesystem;

namespace {

const char* const ann = "ann@example.org";

// A program with rights that its caller has not, and a caller with files of his own.
struct Privileged : TestWorld {
    Privileged() {
        must({"db", "init", "--test", "--db", own_database, "--key-file", own_key});
        secure = true;
    }
    std::string own_database = (home() / "own/auth.db").string();
    std::string own_key = (home() / "own/auth.key").string();

    // What -v says of the database.
    std::string database_in_use(std::vector<std::string> flags = {}) {
        flags.insert(flags.begin(), {"version", "-v"});
        const std::string said = run(flags).err;
        const std::size_t start = said.find('\'') + 1;
        return said.substr(start, said.find('\'', start) - start);
    }
};

std::size_t files_below(const fs::path& directory) {
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(directory))
        count += entry.is_regular_file();
    return count;
}

} // namespace

TEST_CASE("with more rights than its caller the program takes no path from the environment") {
    Privileged world;
    const std::string real = world.database_in_use();
    CHECK(real == world.database().string());
    world.environment["AUTH_CLI_DB"] = world.own_database;
    world.environment["AUTH_CLI_KEY_FILE"] = world.own_key;
    world.environment["XDG_DATA_HOME"] = (world.home() / "own").string();
    world.environment["AUTH_CLI_CONFIG"] =
        world.file("config.json", R"({"db": ")" + world.own_database + "\"}");
    CHECK(world.database_in_use() == real);
    world.secure = false;
    CHECK(world.database_in_use() == world.own_database);
}

TEST_CASE("nor from a flag") {
    Privileged world;
    CHECK(world.database_in_use({"--db", world.own_database, "--key-file", world.own_key}) ==
          world.database().string());
    world.secure = false;
    world.type("pw").must({"create", ann, "--password-stdin", "--verified", "--no-input"});
    world.secure = true;
    const fs::path elsewhere = world.home() / "elsewhere.token";
    (void)world.type("pw").run(
        {"login", ann, "--password-stdin", "--token-file", elsewhere.string()});
    CHECK_FALSE(fs::exists(elsewhere));
}

TEST_CASE("nor from its config file") {
    Privileged world;
    world.secure = false;
    world.must({"config", "set", "db", world.own_database});
    CHECK(world.database_in_use() == world.own_database);
    world.secure = true;
    CHECK(world.database_in_use() == world.database().string());
}

TEST_CASE("nor from the name of a profile") {
    Privileged world;
    const std::size_t before = files_below(world.home());
    const Outcome refused = world.run({"create", ann, "--generate-password", "--verified",
                                       "--login", "--profile", "../../../../escaped"});
    CHECK(refused.exit == 2);
    CHECK(files_below(world.home()) == before);
}

TEST_CASE("nor does it read a file that its caller names") {
    Privileged world;
    const std::string file = world.file("not-the-callers", "a secret of somebody else\n");
    CHECK(world.run({"create", "a@example.org", "--password-file", file}).exit == 2);
    CHECK(world.run({"create", "b@example.org", "--password-hash-file", file}).exit == 8);
    CHECK(world.run({"token", "decode", "@" + file}).exit == 2);
    world.environment["AUTH_CLI_PASSWORD_FILE"] = file;
    CHECK(world.run({"create", "c@example.org"}).exit == 2);
}

TEST_CASE("a password that a stranger signed up with dies when the address is verified") {
    Privileged world;
    world.type("stranger's").must({"create", ann, "--password-stdin"});
    world.secure = false; // the operator reads the outbox
    const std::string code = world.code(ann, "verify");
    world.secure = true;
    world.must({"verify", ann, code});
    CHECK(world.type("stranger's").run({"login", ann, "--password-stdin"}).exit == 3);
    world.secure = false;
    world.must({"reset", ann, "--request"});
    const std::string reset = world.code(ann, "reset");
    world.secure = true;
    world.type("holder's").must({"reset", ann, reset, "--password-stdin"});
    world.clock.advance(Seconds(60));
    CHECK(world.type("holder's").run({"login", ann, "--password-stdin"}).exit == 0);
}

TEST_CASE("a password that the operator set lives on") {
    TestWorld world;
    world.type("operator's").must({"create", ann, "--password-stdin"});
    world.must({"verify", ann, world.code(ann, "verify")});
    CHECK(world.type("operator's").run({"login", ann, "--password-stdin"}).exit == 0);
}

TEST_CASE("and what is for operators stays theirs") {
    Privileged world;
    for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
             {"list"},
             {"outbox", "show", "--latest"},
             {"config", "set", "session.idle", "1h"},
             {"create", ann, "--generate-password", "--verified"},
             {"verify", ann, "--by-operator"},
             {"reset", ann, "--by-operator", "--generate-password"},
             {"passwd", ann, "--generate-password"},
             {"delete", ann, "--yes"}}) {
        const Outcome refused = world.run(words);
        CHECK(refused.exit == 8);
        CHECK(refused.out.empty());
    }
}
