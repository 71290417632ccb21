#include "core/jose/jose.h"
#include "support/catch.h"
#include "support/test_world.h"

#include <filesystem>

using namespace auth;
using test::keys;
using test::Outcome;
using test::TestWorld;

namespace {

using Names = std::vector<std::string>;
using Words = std::vector<std::string>;

const char* const ann = "ann@example.org";

struct Issuer : TestWorld {
    Issuer() { must({"create", ann, "--no-password", "--verified"}); }

    std::string issue(Words more = {}) {
        more.insert(more.begin(), {"token", "issue", ann, "-q"});
        std::string line = must(more).out;
        line.pop_back();
        return line;
    }
    // Those lines on stdin.
    Outcome verify(const Names& lines, Words more = {}) {
        std::string text;
        for (const std::string& line : lines)
            text += line + "\n";
        more.insert(more.begin(), {"token", "verify", "-"});
        return type(text).run(more);
    }
    std::string keys_file() { return file("jwks.json", must({"key", "export"}).out).string(); }
};

std::vector<Json> records(const Outcome& outcome) {
    std::vector<Json> out;
    std::string_view text = outcome.out;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        REQUIRE(end != std::string_view::npos);
        auto record = parse_json(text.substr(0, end));
        REQUIRE(record);
        out.push_back(*std::move(record));
        text.remove_prefix(end + 1);
    }
    return out;
}

Names problem_codes(const Json& document) {
    Names codes;
    for (const Json& problem : document.at("problems"))
        codes.push_back(problem.at("code"));
    return codes;
}

std::string forged(std::string token) {
    const std::size_t at = token.rfind('.') + 10;
    token[at] = token[at] == 'A' ? 'B' : 'A';
    return token;
}

const Names document_names{"schema",      "header",         "claims",     "signature",
                           "status",      "expires_at",     "expires_in", "problems",
                           "certificate", "ignored_headers"};
const Names record_names{"line",       "status",     "header",   "claims",      "signature",
                         "expires_at", "expires_in", "problems", "certificate", "ignored_headers"};

} // namespace

TEST_CASE("a token that may be trusted is one document, and its claims as text") {
    Issuer world;
    const std::string token = world.issue();
    const Json document = world.must({"token", "verify", token, "--json"}).document();
    CHECK(keys(document) == document_names);
    CHECK(document.at("schema") == "auth-cli.token/1");
    CHECK(document.at("status") == "valid");
    CHECK(document.at("expires_in") == 600);
    CHECK(document.at("problems") == Json::array());
    const Outcome text = world.must({"token", "verify", token});
    CHECK(text.document() == document.at("claims"));
    CHECK(text.err == "valid, signed with ES256, expires in 10 minutes\n");
}

TEST_CASE("a token that may not be trusted shows nothing of itself") {
    Issuer world;
    const std::string token = world.issue({"--claim", "note=telltale"});
    world.must({"config", "set", "token.audience", "another"});
    const std::vector<Words> forms{{}, {"--json"}, {"--field", "claims.note"}, {"--plain"}};
    for (const std::string& refused : {token, forged(token)})
        for (const Words& form : forms) {
            Words words{"token", "verify", refused};
            words.insert(words.end(), form.begin(), form.end());
            const Outcome outcome = world.run(words);
            CHECK(outcome.exit == 6);
            CHECK(outcome.out.empty());
            CHECK(outcome.err.find("telltale") == std::string::npos);
        }
    const auto batch = records(world.verify({token, forged(token)}));
    REQUIRE(batch.size() == 2);
    for (const Json& record : batch)
        for (const char* name : {"header", "claims", "signature"})
            CHECK(record.at(name) == nullptr);
}

TEST_CASE("the reason is the worst problem, and expiry only where nothing else is wrong") {
    Issuer world;
    const std::string token = world.issue();
    world.clock.advance(Seconds(792));
    const Outcome late = world.run({"token", "verify", token, "--json"});
    CHECK(late.exit == 5);
    CHECK(late.problem().at("code") == "expired");
    CHECK(late.problem().at("reason") == "expired");
    CHECK(late.problem().at("message") == "the token is refused: expired 3m12s ago");
    const Json both =
        world.run({"token", "verify", token, "--json", "--iss", "x", "--sub", "y", "--aud", "z"})
            .problem();
    CHECK(both.at("exit") == 6);
    CHECK(both.at("code") == "invalid_token");
    CHECK(both.at("reason") == "wrong_issuer");
    CHECK(problem_codes(both) ==
          Names{"expired", "wrong_issuer", "wrong_audience", "wrong_subject"});
}

TEST_CASE("many tokens get a record each, in order, whichever core was faster") {
    Issuer world;
    const std::string good = world.issue();
    const std::string bad = forged(good);
    Names lines;
    for (int i = 0; i < 3000; ++i)
        lines.push_back(i % 3 == 2 ? bad : good);
    const Outcome outcome = world.verify(lines);
    CHECK(outcome.exit == 14);
    CHECK(outcome.err == "2000 valid, 1000 refused\n");
    const auto found = records(outcome);
    REQUIRE(found.size() == 3000);
    for (std::size_t i = 0; i < found.size(); ++i) {
        REQUIRE(found[i].at("line") == i + 1);
        REQUIRE(found[i].at("status") == (i % 3 == 2 ? "invalid" : "valid"));
    }
    CHECK(keys(found.at(0)) == record_names);
    CHECK(keys(found.at(2)) == record_names);
}

TEST_CASE("a batch in which all are good is a success") {
    Issuer world;
    const std::string token = world.issue();
    const Outcome outcome = world.verify({token, token});
    CHECK(outcome.exit == 0);
    CHECK(outcome.err == "2 valid, 0 refused\n");
    CHECK(world.verify({token, token}, {"-q"}).err.empty());
}

TEST_CASE("every line of a batch counts, even an empty or an endless one") {
    Issuer world;
    const std::string token = world.issue();
    const auto found = records(world.verify(
        {token, "", token + ".", "\"" + token, std::string(200'000, 'x'), "a.b.c", token}));
    REQUIRE(found.size() == 7);
    const Names codes{"", "malformed", "malformed", "malformed", "too_long", "malformed", ""};
    for (std::size_t i = 0; i < found.size(); ++i) {
        CAPTURE(i);
        const Names problems = problem_codes(found[i]);
        CHECK((problems.empty() ? "" : problems.front()) == codes[i]);
    }
}

TEST_CASE("one line is one token, unless a record a line was asked for") {
    Issuer world;
    const std::string token = world.issue();
    CHECK(keys(world.verify({token}, {"--json"}).document()) == document_names);
    CHECK(world.verify({forged(token)}).exit == 6);
    const Outcome lines = world.verify({token}, {"--jsonl"});
    CHECK(lines.exit == 0);
    CHECK(records(lines).front().at("line") == 1);
    CHECK(world.verify({forged(token)}, {"--jsonl"}).exit == 14);
}

TEST_CASE("one field of a batch is one line each, empty where there is none") {
    Issuer world;
    const std::string plain = world.issue();
    const std::string tenant = world.issue({"--claim", "tenant:=7"});
    const Outcome outcome =
        world.verify({tenant, plain, forged(tenant), tenant}, {"--field", "claims.tenant"});
    CHECK(outcome.out == "7\n\n\n7\n");
    CHECK(outcome.exit == 14);
    CHECK(world.verify({tenant, plain}, {"--fields", "line,claims.tenant"}).out ==
          "{\"line\":1,\"claims.tenant\":7}\n{\"line\":2,\"claims.tenant\":null}\n");
    CHECK(world.verify({tenant, plain}, {"--plain", "--fields", "status,claims.tenant"}).out ==
          "valid\t7\nvalid\t\n");
    CHECK(world.verify({tenant, plain}, {"--field", "/claims/tenant"}).out == "7\n\n");
    // A name that no record has is a mistake, found before anything is read.
    const Outcome wrong = world.run({"token", "verify", "-", "--field", "clams"});
    CHECK(wrong.exit == 7);
    CHECK(wrong.err.find("did you mean 'claims'?") != std::string::npos);
}

TEST_CASE("a claim's number comes out as it was signed") {
    Issuer world;
    const std::string token =
        world.issue({"--claim", "big:=9007199254740993", "--claim", "id:=18446744073709551615"});
    const Outcome outcome = world.verify({token, token});
    CHECK(outcome.out.find("\"big\":9007199254740993") != std::string::npos);
    CHECK(outcome.out.find("\"id\":18446744073709551615") != std::string::npos);
    CHECK(world.must({"token", "verify", token, "--field", "claims.big"}).out ==
          "9007199254740993\n");
}

TEST_CASE("each token of a batch stands or falls with its own session") {
    Issuer world;
    const std::string first = world.issue();
    const std::string second = world.issue();
    world.must({"token", "revoke", first});
    const auto found = records(world.verify({second, first, second}));
    REQUIRE(found.size() == 3);
    CHECK(problem_codes(found.at(0)).empty());
    CHECK(problem_codes(found.at(1)) == Names{"revoked"});
    CHECK(problem_codes(found.at(2)).empty());
    // By the keys alone nobody can know.
    CHECK(world.verify({second, first}, {"--jwks", world.keys_file()}).exit == 0);
}

TEST_CASE("a secret that cannot be had ends a batch with its error") {
    Issuer world;
    world.must({"config", "set", "token.secret_file", world.file("secret", "short").string()});
    const auto key = SigningKey::from_shared_secret(Secret(std::string(32, 's')));
    REQUIRE(key);
    const std::string token = sign_token(*key, "JWT", {{"exp", 4'000'000'000}});
    const Outcome outcome = world.verify({token, token}, {"--json"});
    CHECK(outcome.exit == 8);
    CHECK(outcome.problem().at("reason") == "weak_secret");
    CHECK(outcome.out.empty());
}

TEST_CASE("a batch that cannot be written is a failure") {
    Issuer world;
    const std::string token = world.issue();
    world.stdout_closed = true;
    CHECK(world.verify(Names(200, token)).exit == 12);
}

TEST_CASE("a token may be judged as of another time, its session with it") {
    Issuer world;
    const std::string token = world.issue();
    world.clock.advance(Seconds(3600));
    CHECK(world.run({"token", "verify", token}).exit == 5);
    CHECK(world.run({"token", "verify", token, "--at", "-51m"}).exit == 0);
    CHECK(world.run({"token", "verify", token, "--at", "-50m"}).exit == 5);
    CHECK(world.verify({token, token}, {"--at", "-51m"}).exit == 0);
    CHECK(world.verify({token, token}, {"--at", "-50m"}).exit == 14);
    world.must({"disable", ann});
    CHECK(world.run({"token", "verify", token, "--at", "-51m"}).exit == 6);
}

TEST_CASE("a subject may check a token, and bring no key") {
    Issuer world;
    const std::string token = world.issue();
    const std::string path = world.keys_file();
    world.secure = true;
    CHECK(world.run({"token", "verify", token}).exit == 0);
    CHECK(world.verify({token, token}).exit == 0);
    CHECK(world.run({"token", "verify", token, "--jwks", path}).exit == 2);
}

TEST_CASE("with keys from a file no database is needed, nor looked at") {
    Issuer world;
    const std::string token = world.issue();
    const std::string path = world.keys_file();
    TestWorld elsewhere(TestWorld::Start::with_nothing);
    CHECK(elsewhere.run({"token", "verify", token, "--jwks", path}).exit == 0);
    CHECK(elsewhere.run({"token", "verify", token}).exit == 11);
    CHECK_FALSE(std::filesystem::exists(elsewhere.database()));
}

TEST_CASE("what stands round a token is taken off wherever it comes from, and -v says so") {
    Issuer world;
    const std::string token = world.issue();
    const std::string forged =
        token.substr(0, token.size() - 9) + (token.ends_with('A') ? "BBBBBBBBB" : "AAAAAAAAA");
    const auto wrapped = [](const std::string& what) {
        return std::vector<std::string>{"Bearer " + what, "authorization: bearer " + what + "\r\n",
                                        "\"Authorization: Bearer " + what + "\"\n",
                                        "  '" + what + "'\n\n", what + "\r"};
    };
    const std::vector<std::string> verify{"token", "verify"};
    for (const auto& [text, exit] : [&] {
             std::vector<std::pair<std::string, int>> all;
             for (const std::string& good : wrapped(token))
                 all.emplace_back(good, 0);
             for (const std::string& bad : wrapped(forged))
                 all.emplace_back(bad, 6);
             return all;
         }()) {
        CAPTURE(text);
        const std::string file = "@" + world.file("pasted", text).string();
        for (const std::string& given : {std::string("-"), file, text, std::string()}) {
            std::vector<std::string> words{"token", "verify", "-v"};
            if (given == "-")
                world.type(text);
            if (given.empty())
                world.environment["AUTH_CLI_TOKEN"] = text;
            else
                words.push_back(given);
            const Outcome outcome = world.run(words);
            world.environment.erase("AUTH_CLI_TOKEN");
            CHECK(outcome.exit == exit);
            CHECK(outcome.out.empty() == (exit != 0));
            CHECK(outcome.err.find("auth-cli: taken off around the token: ") != std::string::npos);
        }
    }
    CHECK(world.type(token + "\n").must({"token", "verify", "-", "-v"}).err.find("taken off") ==
          std::string::npos);
}

TEST_CASE("each line of a batch may be wrapped") {
    Issuer world;
    const std::string token = world.issue();
    const Outcome all =
        world.verify({token + "\r", "Bearer " + token, token, "Bearer x", " \r"}, {"-v"});
    CHECK(all.exit == 14);
    const auto found = records(all);
    REQUIRE(found.size() == 5);
    for (std::size_t i = 0; i < 5; ++i)
        CHECK(found[i].at("status") == (i < 3 ? "valid" : "invalid"));
    CHECK(all.err.ends_with("auth-cli: text around 4 tokens was taken off\n"
                            "3 valid, 2 refused\n"));
}

TEST_CASE("the expiry of a token is told whatever number it is") {
    Issuer world;
    struct Row {
        const char* exp;
        Json at;
        Json in;
    };
    const std::int64_t now = unix_seconds(world.clock.now());
    const auto key = SigningKey::generate(Algorithm::es256);
    const std::string jwk = world.file("key.jwk", key.public_jwk().dump()).string();
    for (const auto& [exp, at, in] :
         {Row{"2061000000", "2035-04-24T04:00:00Z", 2061000000 - now},
          Row{"2061000000.5", "2035-04-24T04:00:00Z", 2061000000 - now},
          Row{"2.061e9", "2035-04-24T04:00:00Z", 2061000000 - now},
          Row{"253402300799.9", "9999-12-31T23:59:59Z", 253402300799 - now},
          Row{"253402300800", nullptr, 253402300800 - now}, Row{"1e300", nullptr, nullptr}}) {
        CAPTURE(exp);
        const std::string token = sign_token(key, "JWT", {{"exp", *parse_json(exp)}});
        const Json one = world.must({"token", "verify", token, "--jwk", jwk, "--json"}).document();
        CHECK(one.at("expires_at") == at);
        CHECK(one.at("expires_in") == in);
        const auto many = records(world.verify({token, token}, {"--jwk", jwk}));
        REQUIRE(many.size() == 2);
        CHECK(many[1].at("expires_at") == at);
        CHECK(many[1].at("expires_in") == in);
    }
}
