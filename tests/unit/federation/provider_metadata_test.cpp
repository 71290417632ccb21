#include "core/federation/provider_answer.h"
#include "core/federation/provider_metadata.h"
#include "support/catch.h"

#include <nlohmann/json.hpp>

using namespace auth;

namespace {

const char* const good_issuer = "https://idp.example";

Json good() {
    return {{"issuer", good_issuer},
            {"authorization_endpoint", "https://idp.example/a"},
            {"token_endpoint", "https://idp.example/t"},
            {"jwks_uri", "https://keys.example/k"}};
}

std::string reason(const Json& document, std::string_view of = good_issuer) {
    const auto read = read_metadata(document, of);
    if (read)
        return "";
    CHECK(read.error().code == ErrorCode::delivery);
    return read.error().reason;
}

HttpResponse response(long status, std::string_view body, std::string type = "application/json") {
    return {status, std::move(type), Secret(body)};
}

} // namespace

TEST_CASE("the discovery document stands below the issuer") {
    CHECK(metadata_address("https://a.example") ==
          "https://a.example/.well-known/openid-configuration");
    CHECK(metadata_address("https://a.example/") ==
          "https://a.example/.well-known/openid-configuration");
    CHECK(metadata_address("https://a.example/realms/x") ==
          "https://a.example/realms/x/.well-known/openid-configuration");
}

TEST_CASE("metadata is taken from the issuer it names") {
    CHECK(reason(good()).empty());
    CHECK(reason(good(), "https://idp.example/") == "wrong_issuer");
    CHECK(reason(Json::object()) == "wrong_issuer");
    for (const char* name : {"authorization_endpoint", "token_endpoint", "jwks_uri"}) {
        Json document = good();
        document.erase(name);
        CHECK(reason(document) == "malformed");
        document[name] = "http://127.0.0.1/x"; // this machine's are for providers of this machine
        CHECK(reason(document) == "insecure");
    }
    Json document = good();
    document["userinfo_endpoint"] = "http://idp.example/u";
    CHECK(reason(document) == "insecure");
}

TEST_CASE("for workloads an issuer needs no endpoint but its keys") {
    Json document = {{"issuer", good_issuer},
                     {"token_endpoint", "http://idp.example/t"},
                     {"jwks_uri", "https://keys.example/k"}};
    const auto read = read_metadata(document, good_issuer, Endpoints::keys_alone);
    REQUIRE(read);
    CHECK(read->jwks_uri == "https://keys.example/k");
    CHECK(read->token_endpoint.empty());
    document["jwks_uri"] = "http://keys.example/k";
    CHECK(read_metadata(document, good_issuer, Endpoints::keys_alone).error().reason == "insecure");
    document.erase("jwks_uri");
    CHECK(read_metadata(document, good_issuer, Endpoints::keys_alone).error().reason ==
          "malformed");
}

TEST_CASE("a provider on this machine may use plain HTTP") {
    const Json document = {{"issuer", "http://localhost:1"},
                           {"authorization_endpoint", "http://127.0.0.1:1/a"},
                           {"token_endpoint", "https://idp.example/t"},
                           {"jwks_uri", "http://[::1]/k"}};
    CHECK(reason(document, "http://localhost:1").empty());
}

TEST_CASE("the secret goes by HTTP Basic unless that is not offered") {
    const auto in_form = [](const Json& methods) {
        Json document = good();
        document["token_endpoint_auth_methods_supported"] = methods;
        return read_metadata(document, good_issuer)->secret_in_form;
    };
    CHECK_FALSE(read_metadata(good(), good_issuer)->secret_in_form);
    CHECK_FALSE(in_form({"client_secret_post", "client_secret_basic"}));
    CHECK(in_form({"client_secret_post", "private_key_jwt"}));
    CHECK_FALSE(in_form("client_secret_post"));
}

TEST_CASE("tokens are read from what the endpoint answers") {
    const auto tokens = read_tokens(response(200, R"({"id_token":"i","access_token":"a"})"));
    REQUIRE(tokens);
    CHECK(tokens->id_token.reveal() == "i");
    CHECK(tokens->access_token.reveal() == "a");
    CHECK(read_tokens(response(400, R"({"error":"invalid_grant"})")).error().reason ==
          "invalid_grant");
    CHECK(read_tokens(response(401, R"({"error":"invalid_client"})")).error().reason ==
          "invalid_client");
    CHECK(read_tokens(response(403, R"({"error":"access_denied"})")).error().code ==
          ErrorCode::bad_credentials);
    CHECK(read_tokens(response(200, R"({"error":"bad_thing"})")).error().reason == "bad_thing");
    CHECK(read_tokens(response(500, R"({"error":"invalid_grant"})")).error().reason ==
          "http_error");
    CHECK(read_tokens(response(400, "<html>")).error().reason == "http_error");
    CHECK(read_tokens(response(200, "{}")).error().reason == "malformed");
    const Error page = read_tokens(response(200, "<html>", "text/html; charset=x")).error();
    CHECK(page.message == "the provider's token answer is not a JSON object, but text/html");
}
