#include "core/jose/jose.h"
#include "support/catch.h"
#include "support/logged_in.h"
#include "support/test_world.h"

#include <filesystem>

using namespace auth;
using test::keys;
using test::TestWorld;

namespace {

const char* const ann = "ann@example.org";

struct LoggedIn : test::LoggedIn {
    std::string token() {
        std::string line =
            type("some password").must({"login", ann, "--password-stdin", "--no-store"}).out;
        line.pop_back();
        return line;
    }
    Json decode(const std::string& token) {
        return must({"token", "decode", token, "--json"}).document();
    }
    std::string kid(const std::string& token) {
        return decode(token).at("signature").at("kid").get<std::string>();
    }
};

void check_silent(const Json& found) {
    CHECK(found.at("session").is_null());
    CHECK(found.at("user").is_null());
}

} // namespace

TEST_CASE("a token of ours is looked at with its key, its session and its user") {
    LoggedIn world;
    const Json found = world.decode(world.token());
    CHECK(found.at("key") == Json{{"state", "active"}});
    CHECK(found.at("session") == Json{{"state", "live"}});
    CHECK(found.at("user") == Json{{"state", "active"}, {"email", ann}});
    CHECK(found.at("unusual") == Json::array());
    CHECK(keys(found) == std::vector<std::string>{"schema", "header", "claims", "signature",
                                                  "status", "expires_at", "expires_in", "problems",
                                                  "certificate", "ignored_headers", "key",
                                                  "session", "user", "unusual"});
    const std::string text = world.must({"token", "decode"}).out;
    CHECK(text.find("\nsignature  valid\nstatus     valid\nkey        active\n"
                    "user       ann@example.org, active\nsession    live\n") != std::string::npos);
}

TEST_CASE("it is told what became of them") {
    using Words = std::vector<std::string>;
    struct Case {
        Words act;
        const char* session;
        const char* user;
    };
    for (const auto& [act, session, user] :
         std::vector<Case>{{{"token", "revoke"}, "revoked", "active"},
                           {{"session", "revoke", "--user", ann}, "ended", "active"},
                           {{"disable", ann}, "ended", "disabled"},
                           {{"delete", ann, "--yes"}, "unknown", "deleted"}}) {
        LoggedIn world;
        std::string token = world.must({"token", "print"}).out;
        token.pop_back();
        world.must(act);
        const Json found = world.decode(token);
        CHECK(found.at("session").at("state") == session);
        CHECK(found.at("user").at("state") == user);
        CHECK(found.at("user").at("email") ==
              (found.at("user").at("state") == "deleted" ? Json() : Json(ann)));
        CHECK(found.at("status") == "valid");
    }
    LoggedIn world;
    const std::string token = world.token();
    world.clock.advance(Seconds(600));
    CHECK(world.decode(token).at("session").at("state") == "idle");
    world.clock.advance(Seconds(43200));
    CHECK(world.decode(token).at("session").at("state") == "expired");
}

TEST_CASE("a token that is made up tells nothing of who exists") {
    LoggedIn world;
    std::string token = world.token();
    token[token.size() - 10] = token[token.size() - 10] == 'A' ? 'B' : 'A';
    const Json forged = world.decode(token);
    CHECK(forged.at("key").at("state") == "active");
    CHECK(forged.at("signature").at("valid") == false);
    check_silent(forged);

    const std::string real = world.token();
    world.must({"key", "revoke", world.kid(real)});
    const Json revoked = world.decode(real);
    CHECK(revoked.at("key").at("state") == "revoked");
    CHECK(revoked.at("status") == "invalid");
    check_silent(revoked);
    CHECK(world.must({"token", "decode", real}).out.find(ann) == std::string::npos);
}

TEST_CASE("with a shared secret others sign as well, and learn nothing by it") {
    LoggedIn world;
    const std::string secret = "a secret of at least thirty-two bytes";
    const std::string id = world.must({"show", ann, "--field", "id"}).out.substr(0, 36);
    world.must({"config", "set", "token.secret_file", world.file("secret", secret).string()});
    world.must({"config", "set", "token.algorithm", "HS256"});
    const Json ours = world.decode(world.token());
    CHECK(ours.at("key").at("state") == "shared");
    CHECK(ours.at("session").at("state") == "live");
    CHECK(ours.at("user").at("email") == ann);

    const auto key = SigningKey::from_shared_secret(Secret(secret));
    REQUIRE(key);
    const Json theirs = world.decode(sign_token(*key, "at+jwt", {{"sub", id}, {"exp", 1}}));
    CHECK(theirs.at("signature").at("valid") == true);
    check_silent(theirs);
}

TEST_CASE("a foreign token is looked at without a database") {
    TestWorld world(TestWorld::Start::with_nothing);
    const Json found =
        world
            .must({"token", "decode", "--json",
                   // jwt.io's example
                   "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
                   "eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ."
                   "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"})
            .document();
    CHECK(found.at("key") == Json{{"state", "unknown"}});
    check_silent(found);
    CHECK(found.at("unusual")[0] ==
          Json({{"code", "no_expiry"}, {"claim", "exp"}, {"detail", "never expires"}}));
    CHECK(std::filesystem::is_empty(world.home()));
}

TEST_CASE("a database that cannot be read leaves unsaid what only it knows") {
    LoggedIn world;
    const std::string token = world.token();
    std::filesystem::resize_file(world.database(), 100);
    const Json found = world.decode(token);
    CHECK(found.at("status") == "unverified");
    CHECK(found.at("key").at("state") == "unknown");
    check_silent(found);
}

TEST_CASE("a token that no verifier accepts is looked at, and that is said") {
    TestWorld world(TestWorld::Start::with_nothing);
    // {"alg":"HS256"}, {"sub":"u-1"}; both without padding.
    const std::string head = "eyJhbGciOiJIUzI1NiJ9";
    const std::string body = "eyJzdWIiOiJ1LTEifQ";
    const auto decode = [&](const std::string& token) {
        return world.must({"token", "decode", token, "--json"}).document();
    };
    const auto codes = [](const Json& problems) {
        std::vector<std::string> out;
        for (const Json& problem : problems)
            out.push_back(problem.at("code"));
        return out;
    };
    for (const auto& [token, code] : std::vector<std::pair<std::string, std::string>>{
             {head + "." + body + "==.c2ln", "padded"},
             {head + "." + body + ".//8", "base64"},
             {head + "." + body.substr(0, body.size() - 1) + "R.c2ln", "last_bits"}}) {
        CAPTURE(token);
        const Json found = decode(token);
        CHECK(found.at("claims") == Json{{"sub", "u-1"}});
        CHECK(found.at("status") == "unverified");
        CHECK(found.at("signature").at("checked") == false);
        CHECK(codes(found.at("problems")) == std::vector<std::string>{"malformed"});
        CHECK(codes(found.at("unusual")).front() == code);
        CHECK(world.must({"token", "decode", token})
                  .out.find("\nsignature  not checked: verifiers refuse the token as it is "
                            "written\n") != std::string::npos);
    }
    CHECK(codes(decode(head + "." + body + ".c2ln").at("problems")) ==
          std::vector<std::string>{"missing_claim"});
    for (const char* token : {"not.a token", "hello", "e30.e30"})
        CHECK(world.run({"token", "decode", token}).exit == 6);
}

TEST_CASE("a stored token that is padded is looked at as well") {
    LoggedIn world;
    world.environment["AUTH_CLI_TOKEN"] = "eyJhbGciOiJIUzI1NiJ9.e30=.c2ln";
    CHECK(world.must({"token", "decode", "--field", "header.alg"}).out == "HS256\n");
}

TEST_CASE("numbers are shown as they were written, whatever the form of output") {
    TestWorld world(TestWorld::Start::with_nothing);
    // {"id":123456789012345678901234567890,"list":[12.50,{"n":-0}],"exp":2061000000.50}
    const std::string token =
        "eyJhbGciOiJIUzI1NiJ9."
        "eyJpZCI6MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwLCJsaXN0IjpbMTIuNTAseyJuIjotMH1dLCJleHAi"
        "OjIwNjEwMDAwMDAuNTB9.c2ln";
    const auto out = [&](const std::vector<std::string>& more) {
        std::vector<std::string> words{"token", "decode", token};
        words.insert(words.end(), more.begin(), more.end());
        return world.must(words).out;
    };
    CHECK(out({"--field", "claims.id"}) == "123456789012345678901234567890\n");
    CHECK(out({"--field", "/claims/list/1/n"}) == "-0\n");
    CHECK(out({"--jsonl", "--fields", "claims,expires_at"}) ==
          R"({"claims":{"id":123456789012345678901234567890,"list":[12.50,{"n":-0}],)"
          R"("exp":2061000000.50},"expires_at":"2035-04-24T04:00:00Z"})"
          "\n");
    CHECK(out({"--json"}).find("    \"list\": [\n      12.50,\n") != std::string::npos);
    const std::string text = out({});
    CHECK(text.find("  id    123456789012345678901234567890\n") != std::string::npos);
    CHECK(text.find("  list  [12.50,{\"n\":-0}]\n") != std::string::npos);
    CHECK(text.find("  exp   2061000000.50  (2035-04-24T04:00:00Z)\n") != std::string::npos);
}
