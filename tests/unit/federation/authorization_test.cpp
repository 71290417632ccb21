#include "core/base/digest.h"
#include "core/base/encoding.h"
#include "core/federation/authorization.h"
#include "core/federation/web_address.h"
#include "support/catch.h"
#include "support/fakes.h"

using namespace auth;

namespace {

struct Request {
    Request() {
        provider.name = "corp";
        provider.client_id = "a client";
        provider.scope = "openid email";
        metadata.issuer = "https://idp.example";
        metadata.authorization_endpoint = "https://idp.example/authorize";
        authorization = make_authorization(provider, 40000, random);
    }

    [[nodiscard]] Callback judge(const std::string& query, const std::string& method = "GET",
                                 const std::string& host = "127.0.0.1:40000") const {
        const std::string& uri = authorization.redirect_uri;
        return judge_callback({method, uri.substr(uri.find('/', 7)) + "?" + query, host},
                              authorization, metadata);
    }
    [[nodiscard]] std::string state() const {
        return "state=" + std::string(authorization.state.reveal());
    }

    test::SeededRandom random;
    Provider provider;
    ProviderMetadata metadata;
    Authorization authorization;
};

} // namespace

TEST_CASE("a request for authorization has fresh secrets and PKCE") {
    Request one;
    CHECK(from_base64url(one.authorization.state.reveal())->size() == 32);
    CHECK(from_base64url(one.authorization.nonce.reveal())->size() == 32);
    CHECK(one.authorization.verifier.size() == 43); // RFC 7636 section 4.1: 43 to 128
    CHECK(one.authorization.redirect_uri.starts_with("http://127.0.0.1:40000/"));
    const std::string url =
        authorization_url(one.provider, one.metadata, one.authorization, "ann@example.org");
    const auto query = parse_query(url.substr(url.find('?') + 1));
    REQUIRE(query);
    CHECK(query->at("response_type") == "code");
    CHECK(query->at("client_id") == "a client");
    CHECK(query->at("scope") == "openid email");
    CHECK(query->at("redirect_uri") == one.authorization.redirect_uri);
    CHECK(query->at("code_challenge_method") == "S256");
    CHECK(query->at("code_challenge") == to_base64url(sha256(one.authorization.verifier.reveal())));
    CHECK(query->at("login_hint") == "ann@example.org");
    CHECK(url.find(one.authorization.verifier.reveal()) == std::string::npos);
    const Authorization other = make_authorization(one.provider, 40000, one.random);
    CHECK(other.state.reveal() != one.authorization.state.reveal());
    CHECK(other.redirect_uri != one.authorization.redirect_uri);
}

TEST_CASE("an endpoint with a query keeps it") {
    Request one;
    one.metadata.authorization_endpoint += "?p=1";
    const std::string url = authorization_url(one.provider, one.metadata, one.authorization, "");
    CHECK(url.starts_with("https://idp.example/authorize?p=1&response_type=code&"));
    CHECK(url.find("login_hint") == std::string::npos);
}

TEST_CASE("a path that was registered is used as it is") {
    Request one;
    one.provider.redirect_path = "/callback";
    CHECK(make_authorization(one.provider, 1, one.random).redirect_uri ==
          "http://127.0.0.1:1/callback");
}

TEST_CASE("the callback is known by its state") {
    const Request one;
    const Callback right = one.judge("code=abc&" + one.state());
    REQUIRE(right.ours());
    CHECK(right.code.reveal() == "abc");
    CHECK_FALSE(right.refusal);
    for (const std::string& query :
         {std::string("code=abc"), std::string("code=abc&state=x"), one.state(),
          "code=abc&error=x&" + one.state(), "code=a&code=b&" + one.state(),
          "code=abc&" + one.state() + "&" + one.state(), "code=abc&" + one.state() + "x",
          std::string("error=access_denied&state=x"), "code=abc&x=%&" + one.state()})
        CHECK(one.judge(query).status == 400);
    CHECK(one.judge("code=abc&" + one.state(), "POST").status == 405);
    CHECK(judge_callback({"GET", "/?code=abc&" + one.state(), "127.0.0.1:40000"}, one.authorization,
                         one.metadata)
              .status == 404);
}

TEST_CASE("other hosts' pages cannot reach the listener by name") {
    const Request one;
    for (const char* host : {"localhost:40000", "[::1]:40000", "127.0.0.1:40000"})
        CHECK(one.judge("code=abc&" + one.state(), "GET", host).ours());
    for (const char* host : {"", "evil.example:40000", "127.0.0.1", "127.0.0.1:4000",
                             "127.0.0.1:400000", "127.0.0.1.evil:40000"})
        CHECK(one.judge("code=abc&" + one.state(), "GET", host).status == 400);
}

TEST_CASE("refusals count only with the state") {
    const Request one;
    const Callback denied = one.judge("error=access_denied&" + one.state());
    REQUIRE(denied.refusal);
    CHECK(denied.refusal->reason == "access_denied");
    CHECK(denied.code.empty());
    const Callback why = one.judge("error=invalid_scope&error_description=no+%1b+for+" +
                                   std::string(one.authorization.state.reveal()) +
                                   "&error_uri=https%3A%2F%2Fidp.example%2Fe&" + one.state());
    REQUIRE(why.refusal);
    CHECK(why.refusal->message == "the provider refuses: invalid_scope: 'no \\x1b for [hidden]'"
                                  " (https://idp.example/e)");
}

TEST_CASE("a callback of another issuer is refused (RFC 9207)") {
    Request one;
    CHECK(one.judge("code=abc&iss=https%3A%2F%2Fidp.example&" + one.state()).code.reveal() ==
          "abc");
    const Callback mixed = one.judge("code=abc&iss=https://evil.example&" + one.state());
    REQUIRE(mixed.refusal);
    CHECK(mixed.refusal->reason == "wrong_issuer");
    CHECK(mixed.code.empty());
    one.metadata.names_itself = true;
    CHECK(one.judge("code=abc&" + one.state()).refusal->reason == "wrong_issuer");
    CHECK(one.judge("error=x&" + one.state()).refusal->reason == "wrong_issuer");
}
