#include "commands/tokens/exec_credential.h"
#include "commands/tokens/git_credential.h"
#include "support/catch.h"
#include "support/logged_in.h"
#include "support/test_world.h"

#include <filesystem>

using namespace auth;
using test::Outcome;
using test::TestWorld;

namespace {

struct LoggedIn : test::LoggedIn {
    std::string token() {
        std::string line = must({"token", "print"}).out;
        line.pop_back();
        return line;
    }
    Outcome git(const std::string& request, std::vector<std::string> more = {}) {
        std::vector<std::string> words{"token", "print", "--as", "git-credential"};
        words.insert(words.end(), more.begin(), more.end());
        return type(request).run(words);
    }
};

bool may_travel(std::string protocol, std::string host) {
    return may_receive_token({std::move(protocol), std::move(host), "", false});
}

} // namespace

TEST_CASE("a token is printed renewed, as whoami would renew it") {
    LoggedIn world;
    const std::string first = world.token();
    world.clock.advance(Seconds(300));
    const std::string second = world.token();
    CHECK(second != first);
    CHECK(world.token() == second);
    CHECK(world.must({"token", "print", "--as", "json"}).document().at("expires_in") == 600);
}

TEST_CASE("each form is the token and what goes with it") {
    LoggedIn world;
    const std::string token = world.token();
    const auto printed = [&](std::vector<std::string> more) {
        more.insert(more.begin(), {"token", "print"});
        return world.must(more).out;
    };
    CHECK(printed({"--as", "raw"}) == token + "\n");
    CHECK(printed({"--as", "header"}) == "Authorization: Bearer " + token + "\n");
    CHECK(printed({"--as", "curl"}) == "header = \"Authorization: Bearer " + token + "\"\n");
    CHECK(printed({"--as", "env"}) == "export AUTH_CLI_TOKEN='" + token + "'\n");
    CHECK(printed({"--as", "env", "--env", "_T2"}) == "export _T2='" + token + "'\n");
    CHECK(printed({"--as", "dotenv"}) == "AUTH_CLI_TOKEN=" + token + "\n");
    CHECK(printed({"--as", "dotenv", "--env", "_T2"}) == "_T2=" + token + "\n");
    for (const char* form : {"raw", "header", "env", "dotenv", "json", "curl"})
        CHECK(world.must({"token", "print", "--as", form, "--json"}).document() ==
              Json({{"schema", "auth-cli.access/1"},
                    {"access_token", token},
                    {"token_type", "Bearer"},
                    {"expires_in", 600},
                    {"expires_at", "2026-01-31T09:15:00Z"}}));
}

TEST_CASE("a variable has a variable's name") {
    LoggedIn world;
    for (const char* form : {"env", "dotenv"})
        for (const char* name : {"", "1A", "A-B", "A=B", "A B", "\xc3\x84", "A\n", "A;B"}) {
            const Outcome refused = world.run({"token", "print", "--as", form, "--env", name});
            CHECK(refused.exit == 2);
            CHECK(refused.out.empty());
        }
}

TEST_CASE("with more rights than its caller the program still prints the caller's token") {
    LoggedIn world;
    world.secure = true;
    CHECK(world.run({"token", "print", "--as", "header"}).exit == 4);
    world.type("some password").must({"login", "ann@example.org", "--password-stdin"});
    CHECK(world.run({"token", "print", "--as", "header"}).exit == 0);
}

TEST_CASE("Kubernetes is answered in the version it asks for") {
    const auto asks = [](const std::string& version) {
        return exec_credential_version(
            R"({"apiVersion":")" + version +
            R"(","kind":"ExecCredential","spec":{"interactive":false}})");
    };
    const std::string group = "client.authentication.k8s.io/";
    CHECK(*exec_credential_version("") == group + "v1");
    CHECK(*asks(group + "v1") == group + "v1");
    CHECK(*asks(group + "v1beta1") == group + "v1beta1");
    for (const std::string& other : {group + "v1alpha1", group + "v2", group, std::string("v1")})
        CHECK(asks(other).error().code == ErrorCode::usage);
    for (const char* wrong : {"v1", "{}", "[]", "null", R"({"kind":"ExecCredential"})",
                              R"({"apiVersion":"client.authentication.k8s.io/v1"})"})
        CHECK(exec_credential_version(wrong).error().code == ErrorCode::usage);
}

TEST_CASE("Kubernetes gets its credential whatever the form of output") {
    LoggedIn world;
    const Json expected = {
        {"apiVersion", "client.authentication.k8s.io/v1"},
        {"kind", "ExecCredential"},
        {"spec", {{"interactive", false}}},
        {"status", {{"expirationTimestamp", "2026-01-31T09:15:00Z"}, {"token", world.token()}}}};
    CHECK(world.must({"token", "print", "--as", "exec-credential"}).document() == expected);
    CHECK(world.must({"token", "print", "--as", "exec-credential", "--jsonl"}).document() ==
          expected);
    world.environment["KUBERNETES_EXEC_INFO"] = "nonsense";
    CHECK(world.run({"token", "print", "--as", "exec-credential"}).exit == 2);
    CHECK(world.run({"token", "print"}).exit == 0);
}

TEST_CASE("git's request is read up to its empty line") {
    const auto request = parse_git_request("capability[]=authtype\ncapability[]=state\n"
                                           "protocol=https\nhost=a.example:8443\nusername=x=y\n"
                                           "wwwauth[]=Basic realm=\"a\"\n\nhost=late\n");
    REQUIRE(request);
    CHECK(request->protocol == "https");
    CHECK(request->host == "a.example:8443");
    CHECK(request->username == "x=y");
    CHECK(request->takes_authtype);
    CHECK_FALSE(parse_git_request("protocol=https\ncapability[]=state")->takes_authtype);
    CHECK(parse_git_request("")->protocol.empty());
    CHECK(parse_git_request("protocol").error().code == ErrorCode::usage);
    CHECK(parse_git_request("username=a\rpassword=b\n").error().code == ErrorCode::usage);
    CHECK(parse_git_request(std::string("host=a\0b\n", 9)).error().code == ErrorCode::usage);
}

TEST_CASE("a token travels under TLS or stays on the machine") {
    CHECK(may_travel("https", "example.org"));
    for (const char* host : {"localhost", "LocalHost", "localhost:3000", "127.0.0.1",
                             "127.0.0.1:80", "127.255.255.254", "[::1]", "[::1]:8080"})
        CHECK(may_travel("http", host));
    for (const char* host : {"",
                             "example.org",
                             "localhost.example.org",
                             "127.0.0.1.example.org",
                             "127.example.org",
                             "127.0.0",
                             "127.0.0.1.1",
                             "127.0.0.256",
                             "127.0.0.-1",
                             "127.0.0.+1",
                             "127.0.0.0001",
                             "127.0.0.010", // octal to some
                             "127.0.0.",
                             "128.0.0.1",
                             "0.0.0.0",
                             "::1",
                             "::1:80",
                             "[::2]",
                             "[::1]x",
                             "localhost:",
                             "localhost:x",
                             "localhost@example.org",
                             "x.localhost"})
        CHECK_FALSE(may_travel("http", host));
    for (const char* protocol : {"", "HTTPS", "ssh", "ftp", "imap", "smtp", "cert"})
        CHECK_FALSE(may_travel(protocol, "localhost"));
}

TEST_CASE("git gets its lines whatever the form of output") {
    LoggedIn world;
    const std::string expected = "username=ann@example.org\npassword=" + world.token() +
                                 "\npassword_expiry_utc=1769850900\n";
    const std::string request = "protocol=https\nhost=git.example.org\n\n";
    CHECK(world.git(request).out == expected);
    CHECK(world.git(request, {"get"}).out == expected);
    CHECK(world.git(request, {"get", "--json"}).out == expected);
    world.environment["AUTH_CLI_OUTPUT"] = "json";
    CHECK(world.git(request, {"get"}).out == expected);
}

TEST_CASE("a git that knows bearer tokens gets one") {
    LoggedIn world;
    const std::string token = world.token();
    CHECK(world.git("capability[]=authtype\nprotocol=https\nhost=a\nusername=bot\n").out ==
          "capability[]=authtype\nauthtype=Bearer\ncredential=" + token +
              "\nephemeral=1\nusername=bot\npassword=" + token +
              "\npassword_expiry_utc=1769850900\n");
}

TEST_CASE("what git stores or erases, and what is not for tokens, opens nothing") {
    TestWorld world(TestWorld::Start::with_nothing);
    for (const char* action : {"store", "erase", "sing"}) {
        const Outcome nothing = world.type("protocol=https\nhost=a\npassword=x\n")
                                    .run({"token", "print", "--as", "git-credential", action});
        CHECK(nothing.exit == 0);
        CHECK(nothing.out.empty());
        CHECK(nothing.err.empty());
    }
    const Outcome withheld = world.type("protocol=http\nhost=git.example.org\n\n")
                                 .run({"token", "print", "--as", "git-credential", "get"});
    CHECK(withheld.exit == 0);
    CHECK(withheld.out.empty());
    CHECK(withheld.err.starts_with("no token for 'http://git.example.org'"));
    CHECK(std::filesystem::is_empty(world.home()));
}
