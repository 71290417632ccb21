#include "core/base/encoding.h"
#include "core/key_files/key_set.h"
#include "support/catch.h"
#include "support/data.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>
#include <vector>

using namespace auth;

namespace {

struct Example {
    Json json;

    explicit Example(const std::string& name) : json(Json::parse(data_file("rfc/" + name))) {}
    [[nodiscard]] std::string member(const char* name) const { return json.value(name, ""); }
};

std::vector<Example> examples_with(const char* member) {
    std::vector<Example> found;
    for (const auto& entry : std::filesystem::directory_iterator(data_path("rfc")))
        if (entry.path().extension() == ".json")
            if (Example example(entry.path().filename()); example.json.contains(member))
                found.push_back(std::move(example));
    return found;
}

struct Parts {
    std::string input, signature, kid;

    explicit Parts(const std::string& token) {
        const auto dot = token.rfind('.');
        input = token.substr(0, dot);
        signature = from_base64url(token.substr(dot + 1)).value();
        const auto header = from_base64url(input.substr(0, input.find('.'))).value();
        kid = Json::parse(header).value("kid", "");
    }
};

} // namespace

TEST_CASE("the RFCs' signed examples verify", "[rfc]") {
    const auto examples = examples_with("token");
    REQUIRE(examples.size() == 9);
    for (const auto& example : examples) {
        CAPTURE(example.member("name"));
        const Parts token(example.member("token"));
        const auto payload = from_base64url(token.input.substr(token.input.find('.') + 1));
        CHECK(payload == example.member("payload"));
        const auto algorithm = parse_algorithm(example.member("alg"));
        REQUIRE(algorithm);
        const auto set = KeySet::from_jwk(example.json["jwk"].dump());
        REQUIRE(set);
        const auto key = set->find(token.kid, *algorithm);
        REQUIRE(key);
        CHECK((*key)->verify(token.input, token.signature));

        for (std::size_t at = 0; at < token.signature.size(); at += 7) {
            std::string forged = token.signature;
            forged[at] = static_cast<char>(forged[at] ^ 0x10);
            CHECK_FALSE((*key)->verify(token.input, forged));
        }
        CHECK_FALSE((*key)->verify(token.input + "A", token.signature));
        CHECK_FALSE((*key)->verify(token.input, token.signature.substr(1)));
        CHECK_FALSE((*key)->verify(token.input, token.signature + '\0'));
        CHECK_FALSE((*key)->verify(token.input, '\0' + token.signature));
    }
}

TEST_CASE("keys answer for no algorithm but the RFCs'", "[rfc]") {
    for (const auto& example : examples_with("token")) {
        CAPTURE(example.member("name"));
        const Parts token(example.member("token"));
        const auto set = KeySet::from_jwk(example.json["jwk"].dump());
        REQUIRE(set);
        for (const auto& row : all_algorithms()) {
            const auto key = set->find(token.kid, row.algorithm);
            CAPTURE(row.name);
            if (!key)
                CHECK(key.error().reason == "wrong_algorithm");
            else
                CHECK((*key)->verify(token.input, token.signature) ==
                      (row.name == example.member("alg")));
        }
    }
}

TEST_CASE("the RFCs' deterministic signatures come out as printed", "[rfc]") {
    for (const char* name :
         {"rfc7515_a1.json", "rfc7515_a2.json", "rfc7520_4_4.json", "rfc8037_a4.json"}) {
        CAPTURE(name);
        const Example example(name);
        const Parts token(example.member("token"));
        const auto key = SigningKey::from_private_jwk(Secret(example.json["jwk"].dump()),
                                                      parse_algorithm(example.member("alg")));
        REQUIRE(key);
        CHECK(key->sign(token.input) == token.signature);
        const auto again = SigningKey::from_private_jwk(key->private_jwk());
        REQUIRE(again);
        CHECK(again->algorithm() == key->algorithm());
        CHECK(again->kid() == key->kid());
        CHECK(again->sign(token.input) == token.signature);
    }
}

TEST_CASE("the RFCs' thumbprints", "[rfc]") {
    const auto examples = examples_with("thumbprint");
    REQUIRE(examples.size() == 3);
    for (const auto& example : examples)
        CHECK(jwk_thumbprint(example.json["jwk"]) == example.member("thumbprint"));
}

TEST_CASE("RFC 7517 appendix A.1: of two public keys one is for signatures", "[rfc]") {
    const auto set = KeySet::from_jwks(Example("rfc7517_a1.json").json["jwks"].dump());
    REQUIRE(set);
    REQUIRE(set->find("2011-04-29", Algorithm::rs256));
    CHECK(set->find("2011-04-29", Algorithm::ps256).error().reason == "wrong_algorithm");
    CHECK(set->find("", Algorithm::rs256).value() ==
          set->find("2011-04-29", Algorithm::rs256).value());
    const auto other = set->find("1", Algorithm::es256);
    REQUIRE_FALSE(other);
    CHECK(other.error().reason == "unsupported_key");
    CHECK(other.error().message == "the key's \"use\" is 'enc', not 'sig'");
}

TEST_CASE("RFC 7517 appendix A.2: a set of private keys is refused", "[rfc]") {
    const Example example("rfc7517_a2.json");
    const auto set = KeySet::from_jwks(example.json["jwks"].dump());
    REQUIRE_FALSE(set);
    CHECK(set.error().reason == example.member("refused"));
    // Its keys one by one: the private RSA key signs, and its public half verifies.
    const std::string rsa = example.json["jwks"]["keys"][1].dump();
    const auto signer = SigningKey::from_private_jwk(Secret(rsa));
    REQUIRE(signer);
    CHECK(KeySet::from_jwk(rsa)
              ->find("", Algorithm::rs256)
              .value()
              ->verify("text", signer->sign("text")));
}

TEST_CASE("RFC 7517 appendix A.3: of two shared secrets one is for signatures", "[rfc]") {
    const auto set = KeySet::from_jwks(Example("rfc7517_a3.json").json["jwks"].dump());
    REQUIRE(set);
    const auto key = set->find("HMAC key used in JWS spec Appendix A.1 example", Algorithm::hs256);
    REQUIRE(key);
    const Parts token(Example("rfc7515_a1.json").member("token"));
    CHECK((*key)->verify(token.input, token.signature));
}

TEST_CASE("RFC 7517 appendix B: a key and the certificate that holds it", "[rfc]") {
    const Json jwk = Example("rfc7517_b.json").json["jwk"];
    REQUIRE(KeySet::from_jwk(jwk.dump()));
    const std::string pem = "-----BEGIN CERTIFICATE-----\n" + jwk["x5c"][0].get<std::string>() +
                            "\n-----END CERTIFICATE-----\n";
    REQUIRE(KeySet::from_pem(pem));
    CHECK(KeySet::from_pem(pem, Algorithm::rs256));
}
