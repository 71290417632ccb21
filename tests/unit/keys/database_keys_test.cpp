#include "core/keys/database_keys.h"
#include "core/keys/imported_key.h"
#include "core/keys/key_lifecycle.h"
#include "support/at_once.h"
#include "support/catch.h"
#include "support/data.h"
#include "support/test_realm.h"

#include <fstream>

using namespace auth;
using namespace std::chrono_literals;
using test::TestRealm;

namespace {

struct Keys : TestRealm {
    std::mutex lock;

    KeyAnswer ask(const Json& header, std::optional<Time> at = {}) {
        return database_keys(realm(), lock, at)(header).value();
    }
    KeyAnswer ask_for(const std::string& algorithm, const std::string& kid,
                      const std::string& type = "at+jwt", std::optional<Time> at = {}) {
        return ask({{"alg", algorithm}, {"kid", kid}, {"typ", type}}, at);
    }
    std::string own() { return signing_record(realm())->kid; }
    std::string import(const std::string& file, std::optional<std::string> issuer = {}) {
        auto change =
            import_key(realm(), Secret(data_file("pem/" + file)), {.issuer = std::move(issuer)});
        REQUIRE(change);
        return change->key.kid;
    }
    void share(const std::string& bytes) {
        const auto path = directory() / "secret";
        std::ofstream(path, std::ios::binary) << bytes;
        set("token.secret_file", path.string());
    }
};

std::string code(const KeyAnswer& answer) {
    CHECK((answer.key || answer.problem));
    return answer.problem ? answer.problem->claim + ":" + answer.problem->code : "";
}

} // namespace

TEST_CASE("this database's key answers to its name, and is its own") {
    Keys realm;
    const KeyAnswer answer = realm.ask_for("ES256", realm.own());
    CHECK(code(answer).empty());
    CHECK(answer.origin->signs_here);
    CHECK_FALSE(answer.origin->others);
    CHECK(answer.key->algorithm() == Algorithm::es256);
}

TEST_CASE("unknown names have no key") {
    Keys realm;
    for (const char* kid : {"nobody", "", "%", "' OR 1=1 --"})
        CHECK(code(realm.ask_for("ES256", kid)) == "kid:unknown_key");
    CHECK(code(realm.ask({{"alg", "RS256"}})) == "kid:unknown_key");
}

TEST_CASE("a retired key answers while its tokens may live, a revoked one never") {
    Keys realm;
    const std::string first = realm.own();
    const Time now = realm.clock.now();
    REQUIRE(rotate_keys(realm, Algorithm::es256, now));
    CHECK(code(realm.ask_for("ES256", first)).empty());
    realm.clock.advance(12h);
    CHECK(code(realm.ask_for("ES256", first)) == "kid:retired_key");
    // As of an earlier time it still did.
    CHECK(code(realm.ask_for("ES256", first, "at+jwt", now + 12h - 1s)).empty());
    CHECK(code(realm.ask_for("ES256", first, "at+jwt", now + 12h)) == "kid:retired_key");
    REQUIRE(revoke_key(realm, first));
    CHECK(code(realm.ask_for("ES256", first)) == "kid:revoked_key");
    CHECK(code(realm.ask_for("ES256", first, "at+jwt", now)) == "kid:revoked_key");
}

TEST_CASE("a planned key answers already: some clock may be ahead") {
    Keys realm;
    const auto change = rotate_keys(realm, Algorithm::es256, realm.clock.now() + 1h);
    REQUIRE(change);
    CHECK(code(realm.ask_for("ES256", change->key.kid)).empty());
}

TEST_CASE("what changes in the database shows at the next look") {
    Keys realm;
    const FindKey find = database_keys(realm, realm.lock);
    const Json header{{"alg", "ES256"}, {"kid", realm.own()}, {"typ", "at+jwt"}};
    CHECK(code(*find(header)).empty());
    REQUIRE(revoke_key(realm, realm.own()));
    CHECK(code(*find(header)) == "kid:revoked_key");
    CHECK(code(*find({{"alg", "ES256"}, {"kid", realm.own()}})).empty());
}

TEST_CASE("a name is looked up whatever the algorithm, which is the Verifier's to compare") {
    Keys realm;
    const KeyAnswer answer = realm.ask_for("ES384", realm.own());
    REQUIRE(answer.key);
    CHECK(answer.key->algorithm() == Algorithm::es256);
}

TEST_CASE("a private key that was imported signs here, and nobody else's tokens") {
    Keys realm;
    const KeyAnswer answer = realm.ask_for("EdDSA", realm.import("ed25519_pkcs8.pem"));
    CHECK(code(answer).empty());
    CHECK(answer.origin->signs_here);
    CHECK_FALSE(answer.origin->others);
}

TEST_CASE("a key of another issuer speaks for that one alone") {
    Keys realm;
    for (const char* file : {"ed25519_public.pem", "p256_pkcs8.pem"}) {
        const std::string kid = realm.import(file, "https://partner.example");
        const bool edwards = std::string_view(file).starts_with("ed");
        const KeyAnswer answer = realm.ask_for(edwards ? "EdDSA" : "ES256", kid);
        CHECK(code(answer).empty());
        CHECK_FALSE(answer.origin->signs_here);
        CHECK(answer.origin->own_issuer == "auth-cli");
        CHECK(answer.origin->others == "https://partner.example");
    }
}

TEST_CASE("a token without a name finds the one key of its algorithm") {
    Keys realm;
    const KeyAnswer own = realm.ask({{"alg", "ES256"}});
    CHECK(code(own).empty());
    CHECK(own.origin->signs_here);
    CHECK(code(realm.ask({{"alg", "EdDSA"}})) == "kid:unknown_key");
    const std::string kid = realm.import("ed25519_public.pem", "https://partner.example");
    const KeyAnswer theirs = realm.ask({{"alg", "EdDSA"}});
    CHECK(code(theirs).empty());
    CHECK_FALSE(theirs.origin->signs_here);
    CHECK(theirs.key->kid() == kid);
    CHECK(realm.ask({{"alg", "Ed25519"}}).key->kid() == kid);
    // Of two nobody can tell which it was.
    REQUIRE(create_key(realm, Algorithm::eddsa));
    CHECK(code(realm.ask({{"alg", "EdDSA"}})) == "kid:unknown_key");
    REQUIRE(revoke_key(realm, kid));
    CHECK(code(realm.ask({{"alg", "EdDSA"}})).empty());
}

TEST_CASE("an imported key answers to the name it came with") {
    Keys realm;
    Json jwk = Json::parse(data_file("rfc/rfc7515_a2.json")).at("jwk");
    jwk["kid"] = "theirs";
    REQUIRE(import_key(realm, Secret(jwk.dump()), {.issuer = "joe"}));
    CHECK(code(realm.ask_for("RS256", "theirs", "JWT")).empty());
    CHECK(code(realm.ask_for("RS256", "", "JWT")) == "kid:unknown_key");
}

TEST_CASE("a shared secret answers to no name but HS256") {
    Keys realm;
    const std::string own = realm.own();
    CHECK(code(realm.ask({{"alg", "HS256"}})) == "kid:unknown_key");
    realm.share(std::string(32, 's'));
    const auto origin = [&] { return *realm.ask({{"alg", "HS256"}}).origin; };
    CHECK_FALSE(origin().signs_here);
    CHECK_FALSE(origin().others);
    realm.set("token.algorithm", "HS256");
    CHECK(origin().signs_here);
    CHECK_FALSE(origin().others);
    realm.set("token.secret_issuer", "none");
    CHECK(origin().others == "");
    realm.set("token.secret_issuer", "https://service.example");
    CHECK(origin().others == "https://service.example");
    realm.set("token.secret_issuer", "auth-cli"); // as if nobody else signed with it
    CHECK_FALSE(origin().others);
    CHECK(code(realm.ask({{"alg", "HS384"}})) == "kid:unknown_key");
    CHECK(code(realm.ask({{"alg", "HS256"}, {"kid", own}})).empty());
}

TEST_CASE("a shared secret that cannot be had is no unknown key") {
    Keys realm;
    realm.share("short");
    const auto refused = database_keys(realm, realm.lock)({{"alg", "HS256"}});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().reason == "weak_secret");
    CHECK(code(realm.ask_for("ES256", realm.own())).empty());
}

TEST_CASE("without a database the shared secret alone answers") {
    Keys realm;
    realm.share(std::string(32, 's'));
    const FindKey find = shared_keys(realm.settings);
    CHECK(find({{"alg", "HS256"}})->state == "shared");
    CHECK(code(*find({{"alg", "ES256"}, {"kid", realm.own()}})) == "kid:unknown_key");
}

TEST_CASE("several threads may ask at once") {
    Keys realm;
    const FindKey find = database_keys(realm, realm.lock);
    const Json header{{"alg", "ES256"}, {"kid", realm.own()}};
    const auto thrown = test::at_once(4, [&](unsigned) {
        for (int i = 0; i < 50; ++i)
            if (!find(header)->key)
                throw std::logic_error("no key");
    });
    CHECK(thrown.empty());
}
