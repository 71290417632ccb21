#include "core/keys/shared_secret.h"
#include "core/keys/signing_key.h"
#include "core/keys/signing_keys_table.h"
#include "support/catch.h"
#include "support/files.h"
#include "support/test_realm.h"

#include <fstream>

using namespace auth;
using namespace std::chrono_literals;
using test::TestRealm;

namespace {

KeyRecord create(TestRealm& realm, Algorithm algorithm) {
    Transaction transaction(realm.database());
    KeyRecord key = create_signing_key(realm, algorithm, realm.clock.now());
    transaction.commit();
    return key;
}

Token token_by(const SigningKey& key) {
    const auto token = parse_token(sign_token(key, "at+jwt", {{"sub", "x"}}));
    REQUIRE(token);
    return *token;
}

std::filesystem::path secret_of(TestRealm& realm, const std::string& bytes) {
    auto path = realm.directory() / "secret";
    std::ofstream(path, std::ios::binary) << bytes;
    realm.set("token.secret_file", path.string());
    return path;
}

} // namespace

TEST_CASE("the newest active key signs") {
    TestRealm realm;
    const std::string first = current_signing_key(realm)->kid();
    CHECK(first.size() == 43);
    realm.clock.advance(1s);
    const KeyRecord second = create(realm, Algorithm::es256);
    realm.reopen();
    CHECK(current_signing_key(realm)->kid() == second.kid);
    realm.execute("UPDATE signing_keys SET signs_until = 1, verifies_until = 1 WHERE kid = '" +
                  second.kid + "'");
    CHECK(current_signing_key(realm)->kid() == first);
    realm.execute("UPDATE signing_keys SET revoked_at = 1");
    const auto none = current_signing_key(realm);
    REQUIRE_FALSE(none);
    CHECK(none.error().code == ErrorCode::not_found);
}

TEST_CASE("a key of another algorithm does not sign in its place") {
    TestRealm realm;
    const std::string first = current_signing_key(realm)->kid();
    realm.clock.advance(1s);
    create(realm, Algorithm::eddsa);
    CHECK(current_signing_key(realm)->kid() == first);
}

TEST_CASE("what a key signed is verified, and bound to its algorithm") {
    TestRealm realm;
    const Token token = token_by(*current_signing_key(realm));
    const auto known = find_verification_key(realm, token.header, realm.clock.now());
    REQUIRE(known);
    REQUIRE(*known);
    CHECK((*known)->state == KeyState::active);
    CHECK((*known)->key.algorithm() == Algorithm::es256);
    CHECK((*known)->key.verify(token.signing_input, token.signature));
    CHECK(may_be_ours(token));
}

TEST_CASE("a token by a key nobody knows has none") {
    TestRealm realm;
    const Token token = token_by(SigningKey::generate(Algorithm::es256));
    const auto known = find_verification_key(realm, token.header, realm.clock.now());
    REQUIRE(known);
    CHECK_FALSE(*known);
}

TEST_CASE("a kid is a look-up and nothing else") {
    TestRealm realm;
    Token token = token_by(*current_signing_key(realm));
    for (const Json& kid : {Json("' OR 1=1 --"), Json("%"), Json(""), Json(7), Json(nullptr),
                            Json("../../etc/passwd")}) {
        token.header["kid"] = kid;
        const auto known = find_verification_key(realm, token.header, realm.clock.now());
        REQUIRE(known);
        CHECK_FALSE(*known);
    }
}

TEST_CASE("the private part is sealed, the public part holds none of it") {
    TestRealm realm;
    const auto stored = signing_record(realm);
    REQUIRE(stored);
    CHECK_FALSE(Json::parse(stored->public_jwk).contains("d"));
    CHECK(Json::parse(stored->public_jwk).at("kid") == stored->kid);
    const auto sealed = signing_keys_table::sealed(realm.database(), stored->kid);
    const Secret jwk =
        realm.vault().open({"signing_keys", "sealed_jwk", stored->kid}, sealed.value());
    const std::string d = Json::parse(jwk.reveal()).at("d");
    const std::string bytes = test::content(realm.database_path());
    CHECK(bytes.find(d) == std::string::npos);
    CHECK(realm.events().back() == "key_created");
}

TEST_CASE("a sealed key moved to another kid does not open") {
    TestRealm realm;
    realm.clock.advance(1s);
    const KeyRecord second = create(realm, Algorithm::es256);
    realm.execute("UPDATE signing_keys SET sealed_jwk = (SELECT sealed_jwk FROM signing_keys"
                  " WHERE kid <> '" +
                  second.kid + "') WHERE kid = '" + second.kid + "'");
    CHECK_THROWS_AS(current_signing_key(realm), Failure);
}

TEST_CASE("a shared secret is read without its newline") {
    TestRealm realm;
    CHECK_FALSE(*shared_secret(realm.settings));
    secret_of(realm, std::string(32, 's') + "\n");
    CHECK((*shared_secret(realm.settings))->reveal() == std::string(32, 's'));
    secret_of(realm, std::string(32, 's') + "\n\n");
    CHECK((*shared_secret(realm.settings))->size() == 33);
}

TEST_CASE("a short or missing shared secret is refused") {
    TestRealm realm;
    realm.set("token.algorithm", "HS256");
    const auto unset = current_signing_key(realm);
    REQUIRE_FALSE(unset);
    CHECK(unset.error().code == ErrorCode::not_found);
    CHECK(unset.error().hint == NextStep{"key create", {"--alg", "HS256"}});

    const auto path = secret_of(realm, std::string(31, 's') + "\n");
    const auto weak = current_signing_key(realm);
    REQUIRE_FALSE(weak);
    CHECK(weak.error().code == ErrorCode::refused);
    CHECK(weak.error().reason == "weak_secret");
    std::filesystem::remove(path);
    CHECK(current_signing_key(realm).error().code == ErrorCode::io);
}

TEST_CASE("the shared secret answers for HS256 alone, and only where there is one") {
    TestRealm realm;
    const auto key = SigningKey::from_shared_secret(Secret(std::string(32, 's')));
    REQUIRE(key);
    const Token token = token_by(*key);
    CHECK_FALSE(*find_verification_key(realm, token.header, realm.clock.now()));
    secret_of(realm, std::string(32, 's'));
    const auto known = find_verification_key(realm, token.header, realm.clock.now());
    REQUIRE(known);
    REQUIRE(*known);
    CHECK((*known)->key.algorithm() == Algorithm::hs256);
    const Token es256 = token_by(*current_signing_key(realm));
    CHECK((*find_verification_key(realm, es256.header, realm.clock.now()))->key.algorithm() ==
          Algorithm::es256);
}
