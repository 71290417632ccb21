#include "core/keys/discovery.h"
#include "core/keys/key_lifecycle.h"
#include "support/catch.h"
#include "support/test_realm.h"

using namespace auth;
using test::TestRealm;

namespace {

Json configuration_of(TestRealm& realm) {
    const auto files = discovery_files(realm.settings, published_keys(realm));
    REQUIRE(files);
    return Json::parse(files->at(1).content);
}

bool served(TestRealm& realm, const std::string& issuer) {
    realm.set("token.issuer", issuer);
    const auto files = discovery_files(realm.settings, published_keys(realm));
    if (!files) {
        CHECK(files.error().code == ErrorCode::usage);
        CHECK(files.error().field == "token.issuer");
        CHECK(files.error().hint == NextStep{"config set", {"token.issuer", "https://HOST"}});
    }
    return files.has_value();
}

} // namespace

TEST_CASE("a key set holds the public keys as they are, and nothing else") {
    TestRealm realm;
    REQUIRE(create_key(realm, Algorithm::eddsa));
    const Json document = jwks_document(published_keys(realm));
    CHECK(document.size() == 1);
    REQUIRE(document.at("keys").size() == 2);
    for (const Json& key : document.at("keys")) {
        CHECK(key.at("use") == "sig");
        CHECK_FALSE(key.contains("d"));
        CHECK(jwk_thumbprint(key) == key.at("kid"));
        CHECK(VerificationKey::from_jwk(key));
    }
    CHECK(document.at("keys").front().at("alg") == "ES256"); // what signs comes first
    CHECK(jwks_document({}) == Json{{"keys", Json::array()}});
}

TEST_CASE("the keys appear before what names them") {
    TestRealm realm;
    realm.set("token.issuer", "https://id.example.org");
    const auto keys = published_keys(realm);
    const auto files = discovery_files(realm.settings, keys);
    REQUIRE(files);
    REQUIRE(files->size() == 2);
    CHECK(files->front().path == "jwks.json");
    CHECK(Json::parse(files->front().content) == jwks_document(keys));
    CHECK(files->back().path == ".well-known/openid-configuration");
    for (const PublishedFile& file : *files)
        CHECK(file.content.ends_with("}\n"));
}

TEST_CASE("the configuration says what OpenID Connect Discovery requires") {
    TestRealm realm;
    REQUIRE(create_key(realm, Algorithm::ps256));
    REQUIRE(create_key(realm, Algorithm::ps256));
    realm.set("token.issuer", "https://id.example.org/ci");
    const Json configuration = configuration_of(realm);
    CHECK(configuration.at("issuer") == "https://id.example.org/ci");
    CHECK(configuration.at("jwks_uri") == "https://id.example.org/ci/jwks.json");
    CHECK(configuration.at("response_types_supported") == Json::array({"id_token"}));
    CHECK(configuration.at("subject_types_supported") == Json::array({"public"}));
    CHECK(configuration.at("id_token_signing_alg_values_supported") == Json{"ES256", "PS256"});
    realm.set("token.issuer", "https://id.example.org/ci/");
    CHECK(configuration_of(realm).at("issuer") == "https://id.example.org/ci/");
    CHECK(configuration_of(realm).at("jwks_uri") == "https://id.example.org/ci/jwks.json");
}

TEST_CASE("an issuer that can be served is https, or http to this machine") {
    TestRealm realm;
    for (const char* issuer :
         {"https://id.example.org", "https://id.example.org/", "https://id.example.org:8443/a/b",
          "https://localhost", "https://[2001:db8::1]/x", "http://localhost",
          "http://127.0.0.1:8000", "http://[::1]:8000/x"}) {
        CAPTURE(issuer);
        CHECK(served(realm, issuer));
    }
    for (const char* issuer : {"auth-cli",
                               "id.example.org",
                               "http://id.example.org",
                               "http://127.0.0.2",
                               "http://localhost.example.org",
                               "http://127.0.0.1.example.org",
                               "http://[::1",
                               "https://",
                               "https:///path",
                               "https://:443",
                               "https://id.example.org?x=1",
                               "https://id.example.org/#x",
                               "https://ann@id.example.org",
                               "http://localhost@evil.example",
                               "https://id.example.org/a b",
                               "https://id.example.org\\x",
                               "ftp://id.example.org",
                               "HTTPS://id.example.org",
                               "https:/id.example.org",
                               "//id.example.org"}) {
        CAPTURE(issuer);
        CHECK_FALSE(served(realm, issuer));
    }
}
