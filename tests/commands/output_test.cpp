#include "cli/output/exit_code.h"
#include "cli/output/output.h"
#include "core/store/sqlite/sqlite_database.h"
#include "support/catch.h"
#include "support/member_kinds.h"
#include "support/test_world.h"

#include <algorithm>
#include <set>

using namespace auth;
using test::keys;
using test::Outcome;
using test::TestWorld;

namespace {

using Names = std::vector<std::string>;

const char* const ann = "ann@example.org";

const Names user_names{"id",
                       "email",
                       "username",
                       "name",
                       "phone",
                       "address",
                       "national_id",
                       "roles",
                       "attributes",
                       "verified",
                       "disabled",
                       "disabled_reason",
                       "must_change_password",
                       "mfa",
                       "locked_until",
                       "created_at",
                       "updated_at",
                       "last_login_at"};

Names with(Names first, const Names& more) {
    first.insert(first.end(), more.begin(), more.end());
    return first;
}

const Names document_names = with({"schema"}, user_names);
const Names mutation_names = with(document_names, {"changed", "generated_password", "next"});

struct WithAnn : TestWorld {
    WithAnn() { type("pw").must({"create", ann, "--password-stdin", "--verified"}); }
    WithAnn& typed(std::string text) {
        type(std::move(text));
        return *this;
    }
    Json json(std::vector<std::string> words) {
        words.emplace_back("--json");
        return must(words).document();
    }
};

} // namespace

TEST_CASE("a user's document has every declared member, null where unset") {
    WithAnn world;
    const Json user = world.json({"show", ann});
    auto names = document_names;
    names.emplace_back("identities"); // of show alone
    CHECK(keys(user) == names);
    CHECK(user.at("schema") == "auth-cli.user/1");
    CHECK(user.at("identities") == Json::array());
    for (const char* name :
         {"username", "name", "phone", "address", "national_id", "locked_until", "last_login_at"})
        CHECK(user.at(name) == nullptr);
    CHECK(user.at("roles") == Json::array());
    CHECK(user.at("attributes") == Json::object());
    CHECK(user.at("created_at") == "2026-01-31T09:05:00Z");
}

TEST_CASE("every mutation of a user answers with the same members") {
    WithAnn world;
    world.must({"role", "create", "admin"});
    const std::vector<std::vector<std::string>> mutations{
        {"create", "b@example.org", "--no-password"},
        {"update", ann, "--name", "Ann"},
        {"update", ann, "--name", "Ann"},
        {"disable", ann},
        {"enable", ann},
        {"unlock", ann},
        {"role", "grant", ann, "admin"},
        {"role", "revoke", ann, "admin"},
        {"verify", ann, "--by-operator"},
        {"reset", ann, "--by-operator", "--generate-password"},
        {"passwd", ann, "--generate-password"},
        {"delete", ann, "--yes"}};
    for (const auto& words : mutations) {
        CAPTURE(words);
        const Json document = world.json(words);
        CHECK(keys(document) == mutation_names);
        CHECK(document.at("changed").is_boolean());
        CHECK(document.at("next").is_array());
    }
}

TEST_CASE("a login's document has every declared member") {
    WithAnn world;
    const Names names{"schema",     "user",       "session",   "token_type",
                      "expires_in", "expires_at", "token_file"};
    const Json stored = world.typed("pw").json({"login", ann, "--password-stdin"});
    CHECK(keys(stored) == names);
    CHECK(stored.at("schema") == "auth-cli.login/1");
    CHECK(keys(stored.at("user")) == user_names);
    CHECK(keys(stored.at("session")) == Names{"id", "expires_at", "idle_expires_at"});
    CHECK(stored.at("token_type") == "Bearer");
    CHECK(stored.at("expires_in") == 600);
    CHECK(stored.at("token_file") == world.token_file().string());
    const Json printed = world.typed("pw").json({"login", ann, "--password-stdin", "--no-store"});
    CHECK(keys(printed) == with(names, {"access_token", "refresh_token"}));
    CHECK(printed.at("token_file") == nullptr);
}

TEST_CASE("whoami's document is the user and the session") {
    WithAnn world;
    world.type("pw").must({"login", ann, "--password-stdin"});
    CHECK(keys(world.json({"whoami"})) ==
          with(document_names, {"session", "expires_at", "expires_in", "profile", "profile_rule"}));
}

TEST_CASE("lists are one document, or one record a line") {
    WithAnn world;
    world.must({"create", "b@example.org", "--no-password"});
    const Json list = world.json({"list"});
    CHECK(keys(list) == Names{"schema", "users", "next_after"});
    CHECK(list.at("schema") == "auth-cli.users/1");
    REQUIRE(list.at("users").size() == 2);
    CHECK(keys(list.at("users").front()) == user_names);
    const std::string lines = world.must({"list", "--jsonl"}).out;
    CHECK(std::count(lines.begin(), lines.end(), '\n') == 2);
    CHECK(keys(*parse_json(lines.substr(0, lines.find('\n')))) == user_names);
    const Json none = TestWorld().must({"list", "--json"}).document();
    CHECK(none.at("users") == Json::array());
}

TEST_CASE("an error's document has every declared member") {
    WithAnn world;
    const Outcome failed = world.run({"show", "nobody@example.org", "--json"});
    CHECK(failed.exit == 7);
    CHECK(failed.out.empty());
    const Json problem = failed.problem();
    CHECK(keys(problem) == Names{"schema", "code", "exit", "message", "hint", "reason", "field",
                                 "retry_after", "problems"});
    CHECK(problem.at("problems") == Json::array());
    CHECK(problem.at("schema") == "auth-cli.error/1");
    CHECK(problem.at("code") == "not_found");
    CHECK(problem.at("exit") == 7);
    CHECK(problem.at("reason") == nullptr);
    CHECK(problem.at("retry_after") == nullptr);
}

TEST_CASE("an error in words is at most three lines") {
    WithAnn world;
    const Outcome failed = world.run({"show", "nobody@example.org"});
    CHECK(failed.out.empty());
    CHECK(failed.err == "auth-cli: error: there is no user 'nobody@example.org'\n"
                        "auth-cli: hint: auth-cli list\n");
}

TEST_CASE("errors keep the asked-for form even where the words cannot be parsed") {
    WithAnn world;
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"--json"},
          {"crate", "--json"},
          {"create", "--json"},
          {"create", ann, "--no-such-flag", "--json"},
          {"--json", "create", ann, "--no-password", "too many"},
          {"show", ann, "--json", "--plain"}}) {
        CAPTURE(words);
        const Outcome failed = world.run(words);
        CHECK(failed.exit == 2);
        CHECK(failed.out.empty());
        CHECK(failed.problem().at("code") == "usage");
    }
    world.environment["AUTH_CLI_OUTPUT"] = "json";
    CHECK(world.run({"crate"}).problem().at("hint") == "did you mean 'create'?");
}

TEST_CASE("a mistyped command or flag is guessed") {
    WithAnn world;
    CHECK(world.run({"crate"}).err.find("did you mean 'create'?") != std::string::npos);
    CHECK(world.run({"role", "lst"}).err.find("did you mean 'role list'?") != std::string::npos);
    CHECK(world.run({"create", ann, "--verifed"}).err.find("did you mean '--verified'?") !=
          std::string::npos);
}

TEST_CASE("global flags stand before or after the command") {
    WithAnn world;
    const std::string expected = world.must({"show", ann, "--field", "id"}).out;
    CHECK(world.must({"--field", "id", "show", ann}).out == expected);
    CHECK(world.must({"show", "--field=id", ann}).out == expected);
    CHECK(world.must({"-q", "show", "--field", "id", ann}).out == expected);
}

TEST_CASE("--field gives one raw value") {
    WithAnn world;
    world.must({"role", "create", "admin"});
    world.must({"role", "grant", ann, "admin"});
    const auto field = [&](const char* name) {
        return world.must({"show", ann, "--field", name}).out;
    };
    CHECK(field("email") == "ann@example.org\n");
    CHECK(field("verified") == "true\n");
    CHECK(field("phone") == "\n");
    CHECK(field("roles") == "[\"admin\"]\n");
    CHECK(field("/roles/0") == "admin\n");
    CHECK(field("/email") == "ann@example.org\n");
    for (const char* name : {"emial", "/roles/1", "/roles/x", "/nope", "email.x", "/~"}) {
        CAPTURE(name);
        const Outcome failed = world.run({"show", ann, "--field", name});
        CHECK(failed.exit == 7);
        CHECK(failed.out.empty());
    }
    CHECK(world.run({"show", ann, "--field", "emial"}).err.find("did you mean 'email'?") !=
          std::string::npos);
}

TEST_CASE("--field of a list gives one value a line") {
    WithAnn world;
    world.must({"create", "b@example.org", "--no-password"});
    CHECK(world.must({"list", "--field", "email"}).out == "ann@example.org\nb@example.org\n");
}

TEST_CASE("a table shows the times of users as asked, and attributes as they are") {
    WithAnn world;
    world.must({"update", ann, "--set", "born_at=2001-02-03T04:05:06Z"});
    const std::string created =
        world.must({"list", "--fields", "created_at", "--plain"}).out.substr(0, 20);
    for (const char* name : {"created_at", "/created_at"}) {
        const std::string table =
            world
                .must({"list", "--fields", "attributes.born_at," + std::string(name),
                       "--time-format", "epoch"})
                .out;
        CHECK(table.find("2001-02-03T04:05:06Z") != std::string::npos);
        CHECK(table.find(created) == std::string::npos);
        CHECK(table.find(std::to_string(unix_seconds(*parse_rfc3339(created)))) !=
              std::string::npos);
    }
}

TEST_CASE("a member of a kind different from that in its table is found") {
    const Names show{"show", ann};
    CHECK(test::wrong_member(show, R"({"verified": true, "created_at": "2026-01-02T03:04:05Z"})") ==
          "");
    CHECK(test::wrong_member(show, R"({"verified": null})") == "");
    CHECK(test::wrong_member(show, R"({"verified": "yes"})") == R"(verified: "yes")");
    CHECK(test::wrong_member(show, R"({"created_at": "today"})") == R"(created_at: "today")");
    CHECK(test::wrong_member({"key", "list"}, R"({"keys": [{"signs": true}, {"signs": 1}]})") ==
          "signs: 1");
}

TEST_CASE("--fields picks, in the order asked for") {
    WithAnn world;
    CHECK(keys(world.json({"show", ann, "--fields", "verified,email"})) ==
          Names{"verified", "email"});
    CHECK(world.must({"list", "--fields", "verified,email", "--plain"}).out ==
          "true\tann@example.org\n");
    CHECK(world.must({"list", "--fields", "email", "--jsonl"}).out ==
          "{\"email\":\"ann@example.org\"}\n");
    CHECK(world.run({"show", ann, "--fields", "email", "--field", "email"}).exit == 2);
}

TEST_CASE("an unknown field is a failure, and stdout stays empty") {
    WithAnn world;
    for (const char* form : {"--json", "--jsonl", "--plain", "--quiet"})
        for (const std::vector<std::string>& words :
             {std::vector<std::string>{"list", form, "--fields", "email,nonsense"},
              {"show", ann, form, "--fields", "email,nonsense"}}) {
            CAPTURE(words);
            const Outcome failed = world.run(words);
            CHECK(failed.exit == 7);
            CHECK(failed.out.empty());
        }
}

TEST_CASE("a failure after the first records leaves the exit code to tell") {
    WithAnn world;
    world.stdout_closed = true;
    for (const std::vector<std::string>& words : {std::vector<std::string>{"list"},
                                                  {"list", "--json"},
                                                  {"show", ann},
                                                  {"show", ann, "--json"},
                                                  {"config", "get", "session.idle"},
                                                  {"version"},
                                                  {"help"}}) {
        CAPTURE(words);
        const Outcome failed = world.run(words);
        CHECK(failed.exit == 12);
        CHECK(failed.err.find("cannot write to stdout") != std::string::npos);
    }
    // What has nothing to say on stdout does not mind.
    CHECK(world.run({"update", ann, "--name", "Ann"}).exit == 0);
}

TEST_CASE("whoever reads a list slowly keeps no other process waiting") {
    WithAnn world;
    for (const std::vector<std::string>& words : {std::vector<std::string>{"list"},
                                                  {"list", "--jsonl"},
                                                  {"show", ann},
                                                  {"audit", "list"},
                                                  {"audit", "list", "--jsonl"},
                                                  {"outbox", "list", "--jsonl"},
                                                  {"role", "list", "--json"}}) {
        CAPTURE(words);
        world.on_output = [&] {
            const auto other = SqliteDatabase::open(world.database()).value();
            other->execute("PRAGMA busy_timeout=50");
            Transaction transaction(*other);
            other->execute("UPDATE users SET updated_at = updated_at + 1");
            transaction.commit();
        };
        const Outcome shown = world.run(words);
        CHECK(shown.err.empty());
        CHECK(shown.exit == 0);
    }
}

TEST_CASE("results go to stdout, the rest to stderr, and -q takes the rest away") {
    WithAnn world;
    const Outcome update = world.run({"update", ann, "--name", "Ann"});
    CHECK(update.out.empty());
    CHECK(update.err == "updated ann@example.org\n");
    const Outcome quiet = world.run({"update", ann, "--name", "Anna", "-q"});
    CHECK(quiet.out.empty());
    CHECK(quiet.err.empty());
    const Outcome json = world.run({"update", ann, "--name", "Annie", "--json"});
    CHECK(json.err.empty());
    CHECK(json.document().at("name") == "Annie");
    const Outcome failed = world.run({"show", "nobody@example.org", "-q"});
    CHECK_FALSE(failed.err.empty());
}

TEST_CASE("what came from outside is escaped in words, and whole in JSON") {
    WithAnn world;
    const Outcome failed = world.run({"show", "\x1b[31m@example.org"});
    CHECK(failed.exit == 2);
    CHECK(failed.err.find('\x1b') == std::string::npos);
    world.must({"update", ann, "--name", "a\xe2\x80\xaetxt"});
    CHECK(world.must({"show", ann}).out.find("\xe2\x80\xae") == std::string::npos);
    CHECK(world.json({"show", ann}).at("name") == "a\xe2\x80\xaetxt");
    CHECK(world.run({"\x1b]0;x\x07"}).err.find('\x1b') == std::string::npos);
    CHECK(world.run({"create", "--x\x1b"}).err.find('\x1b') == std::string::npos);
}

TEST_CASE("an error's document makes a terminal do nothing") {
    Streams streams;
    std::string said;
    streams.err = [&](std::string_view text) { said = text; };
    OutputOptions options;
    options.form = OutputForm::json;
    const Error failure =
        error(ErrorCode::usage, "\x7f\xc2\x9b \xe2\x80\xae \x1b").with_hint("\xc2\x85");
    (void)show_error(failure, options, streams);
    CHECK(said.find("\xe2\x80\xae") != std::string::npos); // whole, where a program reads it
    streams.err_is_terminal = true;
    (void)show_error(failure, options, streams);
    CHECK(std::all_of(said.begin(), said.end(),
                      [](char c) { return c == '\n' || (c >= ' ' && c < '\x7f'); }));
    CHECK(parse_json(said)->at("message") == failure.message);
}

TEST_CASE("no document holds a secret that it does not exist to give") {
    WithAnn world;
    world.type("pw").must({"login", ann, "--password-stdin"});
    std::string all;
    for (const std::vector<std::string>& words : {std::vector<std::string>{"show", ann, "--json"},
                                                  {"list", "--json"},
                                                  {"whoami", "--json"},
                                                  {"audit", "list", "--json"},
                                                  {"db", "status", "--json"},
                                                  {"outbox", "list", "--json"}})
        all += world.must(words).out;
    for (const char* secret : {"$argon2id", "eyJ", "\"d\""})
        CHECK(all.find(secret) == std::string::npos);
}

TEST_CASE("every failure has a name and an exit code of its row") {
    std::set<std::string_view> names;
    for (const ErrorName& each : error_names()) {
        CHECK(names.insert(each.name).second);
        CHECK(to_name(each.code) == each.name);
        CHECK(exit_code(each.code) == each.exit);
        CHECK(each.exit > 0);
    }
    CHECK(exit_code(ErrorCode::bad_credentials) == exit_code(ErrorCode::bad_code));
    CHECK(exit_code(ErrorCode::cancelled) == 130);
}

TEST_CASE("help and version are data") {
    TestWorld world(TestWorld::Start::with_nothing);
    for (const std::vector<std::string>& words : {std::vector<std::string>{"help"},
                                                  {"--help"},
                                                  {"-h"},
                                                  {},
                                                  {"create", "--help"},
                                                  {"help", "create"},
                                                  {"version"},
                                                  {"--version"}}) {
        CAPTURE(words);
        const Outcome shown = world.run(words);
        CHECK(shown.exit == 0);
        CHECK_FALSE(shown.out.empty());
        CHECK(shown.err.empty());
    }
}
