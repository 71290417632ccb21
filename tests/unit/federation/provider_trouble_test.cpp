#include "core/federation/provider_trouble.h"
#include "support/catch.h"

#include <nlohmann/json.hpp>

using namespace auth;

namespace {

std::string described(std::string description, const SharedSecrets& secrets = {}) {
    return refusal_of({"invalid_client", std::move(description)}, secrets).message;
}

} // namespace

TEST_CASE("errors of OAuth have their kind") {
    CHECK(refusal_of({"access_denied"}).code == ErrorCode::bad_credentials);
    CHECK(refusal_of({"authorization_declined"}).code == ErrorCode::bad_credentials);
    CHECK(refusal_of({"invalid_grant"}).code == ErrorCode::bad_code);
    CHECK(refusal_of({"expired_token"}).code == ErrorCode::expired);
    const Error other = refusal_of({"server_error"});
    CHECK(other.code == ErrorCode::delivery);
    CHECK(other.reason == "server_error");
    for (const char* strange : {"", "Bad Thing", "<b>", "s3cret", "x-y"})
        CHECK(refusal_of({strange}).reason == "unknown_error");
    CHECK(refusal_of({"server_error"}, {"server_error"}).reason == "unknown_error");
    CHECK(refusal_of({"server_error"}, {"s"}).reason == "server_error");
}

TEST_CASE("an error is read from any answer of 4xx") {
    const auto code = [](long status, std::string_view body) {
        const auto said = oauth_error(HttpResponse{status, "", Secret(body)});
        return said ? said->code : "";
    };
    for (const long status : {400, 401, 403, 418, 428, 429, 499})
        CHECK(code(status, R"({"error":"invalid_client"})") == "invalid_client");
    for (const long status : {200, 302, 399, 500, 503})
        CHECK(code(status, R"({"error":"invalid_client"})").empty());
    for (const char* body :
         {"", "<html>", "[]", "{}", R"({"error":{"code":7}})", R"({"error":""})"})
        CHECK(code(400, body).empty());
}

TEST_CASE("the provider's own words are repeated") {
    const Error all =
        refusal_of({"invalid_client", "E7: this app needs a secret", "https://idp.example/E7"});
    CHECK(all.message == "the provider refuses: invalid_client: 'E7: this app needs a secret'"
                         " (https://idp.example/E7)");
    CHECK(all.reason == "invalid_client");
    CHECK(refusal_of({"access_denied", "Ann said no"}).message ==
          "the login was refused at the provider: 'Ann said no'");
    CHECK(refusal_of({"slow_down", "", "x"}).message == "the provider refuses: slow_down (x)");
}

TEST_CASE("a stranger's words are escaped and shortened") {
    CHECK(described("E1: no.\r\nTrace 7 ") ==
          "the provider refuses: invalid_client: 'E1: no. Trace 7'");
    CHECK(described("\x1b[2J\x07\u202ered\xff") ==
          "the provider refuses: invalid_client: '\\x1b[2J\\x07\\u{202e}red\\xff'");
    CHECK(described(std::string(6000, 'x')).size() < 500);
    CHECK(described(std::string(6000, '\x1b')).size() < 500);
    std::string wide;
    for (int i = 0; i < 300; ++i)
        wide += "\u00fc";
    CHECK(Json(described("x" + wide)).dump().ends_with("\u00fc\u2026'\"")); // whole characters
    CHECK(refusal_of({"x", "", std::string(6000, 'u')}).message.size() < 300);
}

TEST_CASE("what the provider was told in confidence is not repeated") {
    const SharedSecrets secrets{"blue/horse 7", "c0de", ""};
    CHECK(described("wrong secret blue/horse 7 for code c0dec0de", secrets) ==
          "the provider refuses: invalid_client: 'wrong secret [hidden] for code"
          " [hidden][hidden]'");
    CHECK(described("secret=blue%2Fhorse%207", secrets) ==
          "the provider refuses: invalid_client: 'secret=[hidden]'");
    CHECK(described("hidden", {"d", "i", "id"}) ==
          "the provider refuses: invalid_client: 'h[hidden][hidden]en'");
    std::string late(390, 'x');
    late += "blue/horse 7";
    CHECK(described(late, secrets).find("blue") == std::string::npos);
    CHECK(refusal_of({"x", "", "https://idp.example/?code=c0de"}, secrets).message ==
          "the provider refuses: x (https://idp.example/?code=[hidden])");
}
