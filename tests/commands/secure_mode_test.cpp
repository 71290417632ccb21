#include "commands/registry.h"
#include "core/base/text.h"
#include "support/catch.h"
#include "support/test_world.h"

#include <algorithm>
#include <filesystem>

using namespace auth;
using test::Outcome;
using test::TestWorld;
namespace fs = std::filesystem;

namespace {

const char* const ann = "ann@example.org";
const char* const bob = "bob@example.org";

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

// With two users, and two callers who have but the program's rights in common.
struct Shared : Privileged {
    Shared() {
        secure = false;
        for (const char* email : {ann, bob})
            type("pw").must({"create", email, "--verified", "--password-stdin"});
        secure = true;
        caller = 5001;
        type("pw").must({"login", ann, "--password-stdin"});
    }
    std::string who() { return must({"whoami", "--field", "email"}).out; }
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
    const Outcome refused = world.run(
        {"create", ann, "--generate-password", "--login", "--profile", "../../../../escaped"});
    CHECK(refused.exit == 2);
    CHECK(files_below(world.home()) == before);
}

TEST_CASE("nor does it ask a server that its caller names") {
    Privileged world;
    world.secure = false;
    world.must({"provider", "add", "ci", "--issuer", "https://ci.example", "--workload",
                "--audience", "auth.example.org", "--offline"});
    world.secure = true;
    world.environment["ACTIONS_ID_TOKEN_REQUEST_URL"] = "https://elsewhere.example";
    world.environment["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = "of-the-job";
    const Outcome refused =
        world.run({"login", "--provider", "ci", "--id-token", "github", "--json"});
    CHECK(refused.exit == 2);
    CHECK(refused.problem().at("field") == "id_token");
    const std::string file = world.file("not-the-callers", "a.b.c\n");
    CHECK(world.run({"login", "--provider", "ci", "--id-token", file}).exit == 2);
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

TEST_CASE("what a command takes from subjects are flags of its own") {
    for (const Command* command : commands()) {
        CAPTURE(command->path);
        Flags flags(command->path);
        (void)command->bind(flags);
        std::vector<std::string> names;
        for (const auto& flag : flags.describe())
            names.push_back(flag.names.back());
        for (const std::string& listed : split(command->subject_flags, ' '))
            if (!listed.empty())
                CHECK(std::find(names.begin(), names.end(), listed) != names.end());
        CHECK((command->for_subjects || command->subject_flags.empty()));
    }
}

TEST_CASE("lent to several callers the program keeps each one's login apart") {
    Shared world;
    world.caller = 5002;
    for (const std::vector<std::string>& words :
         std::vector<std::vector<std::string>>{{"whoami", "--json"},
                                               {"token", "print"},
                                               {"token", "refresh"},
                                               {"token", "verify"},
                                               {"passwd", "--generate-password"},
                                               {"mfa", "enroll"},
                                               {"logout", "--everywhere"}}) {
        CAPTURE(words);
        const Outcome refused = world.run(words);
        CHECK(refused.exit == 4);
        CHECK(refused.out.empty());
    }
    CHECK(world.must({"logout"}).err == "nobody is logged in\n");
    CHECK(world.must({"token", "revoke"}).err == "nobody is logged in\n");
    world.type("pw").must({"login", bob, "--password-stdin"});
    CHECK(world.who() == "bob@example.org\n");
    world.must({"logout", "--everywhere"});
    world.caller = 5001;
    CHECK(world.who() == "ann@example.org\n");
}

TEST_CASE("and no profile is spelled like another caller's") {
    Shared world;
    for (const std::uint32_t caller : {500U, 50U, 1U})
        for (const char* profile : {"default", "1.default", "01.default", "uid-5001.default",
                                    "5001.default", "../uid-5001.default"}) {
            world.caller = caller;
            CHECK(world.run({"whoami", "--profile", profile}).exit != 0);
        }
    world.caller = 5001;
    world.type("pw").must({"login", bob, "--password-stdin", "--profile", "work"});
    CHECK(world.must({"whoami", "--profile", "work", "--field", "email"}).out ==
          "bob@example.org\n");
    CHECK(world.who() == "ann@example.org\n");
    // The account's own login is nobody's who was lent its rights.
    world.secure = false;
    CHECK(world.run({"whoami"}).exit == 4);
}

TEST_CASE("where the caller is not known no login is kept") {
    Shared world;
    world.caller.reset();
    const std::size_t before = files_below(world.home());
    for (const std::vector<std::string>& words :
         std::vector<std::vector<std::string>>{{"login", ann, "--password-stdin"},
                                               {"whoami"},
                                               {"whoami", "-v"},
                                               {"token", "print"},
                                               {"token", "revoke"},
                                               {"logout"},
                                               {"mfa", "enroll"}}) {
        CAPTURE(words);
        const Json problem = [&] {
            auto more = words;
            more.emplace_back("--json");
            const Outcome refused = world.run(more);
            CHECK(refused.exit == 4);
            return parse_json(refused.err.substr(refused.err.find('{'))).value();
        }();
        CHECK(problem.at("code") == "login_required");
        CHECK(problem.at("reason") == "unknown_caller");
    }
    CHECK(files_below(world.home()) == before);
    CHECK(world.type("pw")
              .must({"login", ann, "--password-stdin", "--no-store"})
              .out.starts_with("ey"));
    CHECK(files_below(world.home()) == before);
}

TEST_CASE("nobody learns from a sign-up who a user is, or becomes more by it") {
    Shared world;
    for (const std::vector<std::string>& more :
         std::vector<std::vector<std::string>>{{"--if-not-exists"},
                                               {"--set", "role=admin"},
                                               {"--set", "a=1", "--name", "Ann"},
                                               {"--username", "root"},
                                               {"--disabled"},
                                               {"--must-change-password"},
                                               {"--verified"},
                                               {"--role", "admin"}}) {
        CAPTURE(more);
        for (const char* email : {bob, "new@example.org"}) {
            std::vector<std::string> words{"create", email, "--no-password", "--json"};
            words.insert(words.end(), more.begin(), more.end());
            const Outcome refused = world.run(words);
            CHECK(refused.exit == 8);
            CHECK(refused.out.empty());
            CHECK(refused.problem().at("reason") == "operator_only");
        }
    }
    world.must(
        {"create", "new@example.org", "--no-password", "--name", "New", "--phone", "+47 22"});
    CHECK(world.run({"create", bob, "--no-password"}).exit == 9);
}

TEST_CASE("sign-ups are as few as other requests for mail") {
    Shared world;
    const auto sign_up = [&](const std::string& email) {
        return world.run({"create", email, "--no-password", "--json"});
    };
    for (int i = 0; i < 30; ++i)
        REQUIRE(sign_up("u" + std::to_string(i) + "@example.org").exit == 0);
    const Outcome refused = sign_up("late@example.org");
    CHECK(refused.exit == 10);
    CHECK(refused.problem().at("code") == "rate_limited");
    CHECK(refused.problem().at("retry_after") == 60);
    CHECK(world.run({"reset", ann, "--request"}).exit == 10);
    world.clock.advance(Seconds(60));
    CHECK(sign_up("late@example.org").exit == 0);
    // One who has asked for a code may not ask for the next at once.
    CHECK(world.run({"verify", "late@example.org", "--resend"}).exit == 10);
    world.secure = false;
    CHECK(world.must({"list", "--count"}).out == "33\n");
    for (int i = 0; i < 40; ++i)
        REQUIRE(sign_up("o" + std::to_string(i) + "@example.org").exit == 0);
}
