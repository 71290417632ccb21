// Words of other tools lead to ours: every row of the tables.
#include "cli/typed_words.h"
#include "commands/registry.h"
#include "core/base/text.h"
#include "support/catch.h"
#include "support/test_world.h"

#include <algorithm>
#include <set>

using namespace auth;
using test::Outcome;
using test::TestWorld;

namespace {

constexpr auto nothing = TestWorld::Start::with_nothing;
const std::string someone = "bob@example.org";

using Line = std::vector<std::string>;

std::string replaced(std::string text, std::string_view what, std::string_view by) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what))
        text.replace(at, what.size(), by);
    return text;
}

std::vector<std::string> alternatives(std::string_view meant) {
    std::vector<std::string> lines;
    for (const std::string& line : split(replaced(std::string(meant), " | ", "|"), '|'))
        lines.push_back(line);
    return lines;
}

// The command of a line, and what follows it.
std::pair<const Command*, Line> command_of(const std::string& line) {
    Line words = split(line, ' ');
    const std::string two = words.size() > 1 ? words[0] + " " + words[1] : words[0];
    const Command* command = commands().find(two);
    const bool long_path = command != nullptr && words.size() > 1;
    if (command == nullptr)
        command = commands().find(words[0]);
    words.erase(words.begin(), words.begin() + (long_path ? 2 : 1));
    return {command, words};
}

// That a line names a command and gives it what it must have.
void check_line(const std::string& line) {
    INFO(line);
    const auto [command, words] = command_of(line);
    REQUIRE(command != nullptr);
    if (words == Line{"--help"})
        return;
    Flags flags(command->path);
    const Action action = command->bind(flags); // has what the flags write to
    const Status parsed = flags.parse(words);
    CHECK((parsed ? "" : parsed.error().message) == "");
}

bool has_flag(const Command& command, std::string_view name) {
    Flags flags(command.path);
    (void)command.bind(flags);
    const auto entries = flags.describe();
    return std::any_of(entries.begin(), entries.end(), [&](const auto& entry) {
        return std::find(entry.names.begin(), entry.names.end(), name) != entry.names.end();
    });
}

std::string hint_of(const Line& words) {
    TestWorld world(nothing);
    const Outcome done = world.run(words);
    CHECK(done.exit == 2);
    CHECK(done.out.empty());
    constexpr std::string_view mark = "auth-cli: hint: ";
    const std::size_t at = done.err.find(mark);
    return at == std::string::npos ? done.err
                                   : std::string(trimmed(done.err.substr(at + mark.size()), "\n"));
}

// What the row for this flag of this command says.
std::string told_by(const TypedFlag& row, std::string_view path, const std::string& value) {
    if (row.meant.starts_with('-'))
        return "did you mean '" + std::string(row.meant) + "'?";
    std::string said = replaced(std::string(row.meant), "COMMAND", path);
    for (const char* name : {"{EMAIL}", "{ROLE}", "{FILE}"})
        said = replaced(said, name, value);
    return said;
}

Line typed_line(std::string_view path, const TypedFlag& row, const std::string& value) {
    Line words = split(path, ' ');
    words.emplace_back(row.typed);
    words.push_back(value);
    return words;
}

} // namespace

TEST_CASE("every command of another tool leads to its command") {
    for (const TypedCommand& row : typed_commands) {
        INFO(row.typed);
        CHECK(commands().find(row.typed) == nullptr);
        Line words = split(row.typed, ' ');
        std::string said;
        for (const std::string& line : alternatives(row.meant)) {
            check_line(line);
            said += (said.empty() ? "auth-cli " : ", or auth-cli ") + line;
        }
        // What other tools type after a word that is a command here, too.
        if (words.size() == 2 && commands().find(words.front()) != nullptr) {
            words.push_back(someone);
            said = replaced(said, "EMAIL", someone);
        }
        CHECK(hint_of(words) == said);
    }
}

TEST_CASE("every flag of another tool leads to its flag, or to the command that does it") {
    for (const TypedFlag& row : typed_flags) {
        INFO(row.typed << " after " << row.commands);
        const std::string value = row.meant.find("EMAIL}") != std::string::npos ? someone : "x";
        if (row.meant.starts_with("auth-cli ") && !row.commands.empty())
            for (const std::string& path : split(row.commands, '|'))
                check_line(replaced(told_by(row, path, value), "auth-cli ", ""));
        if (!row.commands.empty()) {
            for (const std::string& path : split(row.commands, '|')) {
                INFO(path);
                const Command* command = commands().find(path);
                REQUIRE(command != nullptr);
                CHECK(!has_flag(*command, row.typed));
                // An expression is quoted for the shell.
                const std::string hint = hint_of(typed_line(path, row, value));
                CHECK((row.meant.starts_with("auth-cli ") ? replaced(hint, "'", "") : hint) ==
                      told_by(row, path, value));
            }
        } else {
            const bool found =
                std::any_of(commands().begin(), commands().end(), [&](const Command* command) {
                    return !has_flag(*command, row.typed) &&
                           hint_of(typed_line(command->path, row, value)) ==
                               told_by(row, command->path, value);
                });
            CHECK(found);
        }
    }
}

TEST_CASE("no row is given twice") {
    std::set<std::string_view> seen;
    for (const TypedCommand& row : typed_commands) {
        INFO(row.typed);
        CHECK(seen.insert(row.typed).second);
    }
    CHECK(seen.size() >= 60);
    for (const auto& [typed, meant] : typed_nouns) {
        INFO(typed);
        CHECK(!commands().is_noun(typed));
        CHECK((meant == "user" || commands().is_noun(meant)));
    }
}

TEST_CASE("what was typed after the command is part of the line") {
    CHECK(hint_of({"add", someone}) == "auth-cli create bob@example.org");
    CHECK(hint_of({"ADD", "User", someone}) == "auth-cli create bob@example.org");
    CHECK(hint_of({"useradd", "bob"}) == "auth-cli create EMAIL");
    CHECK(hint_of({"useradd", "-m", someone}) == "auth-cli create EMAIL");
    CHECK(hint_of({"rm", "user", someone}) == "auth-cli delete bob@example.org");
    CHECK(hint_of({"assign", "admin", someone}) == "auth-cli role grant bob@example.org admin");
    CHECK(hint_of({"role", "add", "two words"}) == "auth-cli role create 'two words'");
    CHECK(hint_of({"confirm", someone, "1234567"}) ==
          "auth-cli verify bob@example.org 1234567, or auth-cli mfa confirm bob@example.org "
          "1234567");
    CHECK(hint_of({"update", someone, "--role", "admin"}) ==
          "auth-cli role grant bob@example.org admin");
    CHECK(hint_of({"list", "--role=admin"}) == "auth-cli list --where 'role=admin'");
    CHECK(hint_of({"login", "-u", someone}) == "auth-cli login bob@example.org");
    // The nouns of other tools.
    CHECK(hint_of({"groups", "create", "staff"}) == "auth-cli role create staff");
    CHECK(hint_of({"person", "show", someone}) == "auth-cli show bob@example.org");
    CHECK(hint_of({"account", "unlock", someone}) == "auth-cli unlock bob@example.org");
    CHECK(hint_of({"2fa", "disable"}) == "auth-cli mfa disable");
    // The database that was named.
    CHECK(hint_of({"--db", "ci.db", "users"}) == "auth-cli list --db ci.db");
    CHECK(hint_of({"useradd", someone, "--db=ci.db", "--profile", "work"}) ==
          "auth-cli create bob@example.org --db ci.db --profile work");
    CHECK(hint_of({"update", someone, "--verified", "--db", "ci.db"}) ==
          "auth-cli verify bob@example.org --by-operator --db ci.db");
}

TEST_CASE("a password on the command line is answered by how to give it, and not repeated") {
    for (const std::string command : {"create", "login", "passwd", "reset"})
        for (const Line& given : {Line{"--password", "hunter2"},
                                  {"--password=hunter2"},
                                  {"--passwrd", "hunter2"},
                                  {"-p", "hunter2"},
                                  {"-phunter2"},
                                  {"-pw", "hunter2"}}) {
            Line words{command, someone};
            words.insert(words.end(), given.begin(), given.end());
            INFO(command << " " << given.front());
            TestWorld world(nothing);
            const Outcome done = world.run(words);
            CHECK(done.exit == 2);
            CHECK(done.err.find(how_to_give_a_password) != std::string::npos);
            CHECK(done.err.find("hunter2") == std::string::npos);
            CHECK(done.err.find("--no-password") == std::string::npos);
        }
    CHECK(hint_of({"create", someone, "hunter2"}) == how_to_give_a_password);
    CHECK(hint_of({"login", someone, "hunter2"}) == how_to_give_a_password);
    CHECK(hint_of({"create", someone, "--no-pasword"}) == "did you mean '--no-password'?");
}

TEST_CASE("wrong flags before the command are named") {
    const auto message = [](const Line& words) {
        TestWorld world(nothing);
        return world.run(words).err;
    };
    CHECK(message({"--verison"}).starts_with("auth-cli: error: there is no flag '--verison'\n"));
    CHECK(hint_of({"--verison"}) == "did you mean '--version'?");
    CHECK(message({"--dbx", "ci.db", "list"})
              .starts_with("auth-cli: error: there is no flag '--dbx'\n"));
    CHECK(hint_of({"--dbx", "ci.db", "list"}) == "did you mean '--db'?");
    CHECK(hint_of({"--frobnicate", "list"}) == "auth-cli list --help");
    CHECK(hint_of({"--frobnicate"}) == "auth-cli help flags");
    CHECK(hint_of({"-x", "token"}) == "auth-cli help flags");
    CHECK(hint_of({"--role", "admin", "create", someone}) == "write --role ROLE after the command");
    // A flag of a command does not hide that the command is mistyped.
    CHECK(hint_of({"--count", "lisst"}) == "did you mean 'list'?");
}

TEST_CASE("a noun alone shows its commands") {
    std::set<std::string> nouns;
    for (const Command* command : commands())
        if (const std::size_t space = command->path.find(' '); space != std::string::npos)
            nouns.emplace(command->path.substr(0, space));
    TestWorld world(nothing);
    for (const std::string& noun : nouns) {
        INFO(noun);
        const Outcome help = world.must({"help", noun});
        const Outcome bare = world.must({noun});
        CHECK(bare.out == help.out);
        CHECK(bare.err.empty());
        CHECK(world.must({"-q", noun}).out == help.out);
        CHECK(world.must({noun, "--json"}).out == world.must({"help", noun, "--json"}).out);
    }
    CHECK(world.run({"token", ""}).exit == 2);
    CHECK(world.run({"token", "frobnicate"}).exit == 2);
}

TEST_CASE("-o names the form of the output") {
    TestWorld world;
    world.must({"create", someone, "--no-password"});
    for (const std::string form : {"json", "jsonl", "plain"}) {
        const std::string long_form = "--" + form;
        const std::string out = world.must({"list", long_form}).out;
        CHECK(world.must({"list", "-o", form}).out == out);
        CHECK(world.must({"list", "--output=" + form}).out == out);
        CHECK(world.must({"-o", form, "list"}).out == out);
    }
    world.environment["AUTH_CLI_OUTPUT"] = "json";
    CHECK(world.must({"list", "-o", "text"}).out.starts_with("EMAIL"));
    world.environment.clear();
    CHECK(world.run({"list", "-o", "yaml"}).exit == 2);
    CHECK(world.run({"list", "-o", "json", "--plain"}).exit == 2);
    CHECK(world.run({"-o"}).err.starts_with("auth-cli: error: --output needs a value"));
    // Errors have that form as well, even before the words are understood.
    for (const Line& words : {Line{"-o", "json", "frobnicate"},
                              {"frobnicate", "-ojson"},
                              {"list", "--frobnicate", "--output", "jsonl"}})
        CHECK(world.run(words).problem().at("code") == "usage");
}
