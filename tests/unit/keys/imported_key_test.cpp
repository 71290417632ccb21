#include "core/base/encoding.h"
#include "core/key_files/pem_blocks.h"
#include "core/keys/imported_key.h"
#include "core/keys/signing_keys_table.h"
#include "support/catch.h"
#include "support/data.h"
#include "support/files.h"
#include "support/test_realm.h"

#include <algorithm>

using namespace auth;
using namespace std::chrono_literals;
using test::TestRealm;

namespace {

// RFC 8037, A.1 and A.3.
const char* const rfc8037_private = R"({"kty":"OKP","crv":"Ed25519",
    "d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";
const char* const rfc8037_thumbprint = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
// RFC 8032, 7.1, test 2.
const char* const rfc8032_x = "PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw";

const char* const partner = "https://partner.example";

Json rfc7515_a2() {
    return Json::parse(data_file("rfc/rfc7515_a2.json")).at("jwk");
}

Json public_half(Json jwk) {
    for (const char* name : {"d", "p", "q", "dp", "dq", "qi"})
        jwk.erase(name);
    return jwk;
}

Json named(Json jwk, const std::string& kid) {
    jwk["kid"] = kid;
    return jwk;
}

Result<KeyChange> import(Realm& realm, const std::string& text,
                         std::optional<Algorithm> algorithm = {}) {
    KeyImport order{.algorithm = algorithm};
    if (!is_private_key(Secret(text)))
        order.issuer = partner;
    return import_key(realm, Secret(text), order);
}

KeyChange imported(Realm& realm, const std::string& text, std::optional<Algorithm> algorithm = {}) {
    auto change = import(realm, text, algorithm);
    if (!change)
        FAIL(change.error().message);
    return *std::move(change);
}

void check_fails(TestRealm& realm, const std::string& text, ErrorCode code,
                 const std::string& reason = "", std::optional<Algorithm> algorithm = {}) {
    CAPTURE(text);
    const auto before = realm.count("SELECT count(*) FROM signing_keys");
    const auto change = import(realm, text, algorithm);
    REQUIRE_FALSE(change);
    CHECK(change.error().code == code);
    CHECK(change.error().reason == reason);
    CHECK_FALSE(change.error().message.empty());
    CHECK(realm.count("SELECT count(*) FROM signing_keys") == before);
}

std::vector<std::string> members_of(const KeyRecord& key) {
    const Json jwk = Json::parse(key.public_jwk);
    std::vector<std::string> names;
    for (const auto& [name, value] : jwk.items())
        names.push_back(name);
    return names;
}

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("an imported private key signs from now on, under its thumbprint") {
    TestRealm realm;
    const KeyChange change = imported(realm, rfc8037_private);
    CHECK(change.changed);
    CHECK(change.key.kid == rfc8037_thumbprint);
    CHECK(change.key.known_as.empty());
    CHECK(change.key.algorithm == "EdDSA");
    CHECK(change.key.imported);
    CHECK(change.key.has_private);
    CHECK(realm.events().back() == "key_imported");
    realm.set("token.algorithm", "EdDSA");
    realm.reopen();
    const auto key = current_signing_key(realm);
    REQUIRE(key);
    CHECK(key->kid() == rfc8037_thumbprint);
    CHECK_FALSE(key->sign("x").empty());
}

TEST_CASE("an imported key of the same algorithm takes over at once") {
    TestRealm realm;
    const KeyChange change = imported(realm, data_file("pem/p256_pkcs8.pem"));
    CHECK(signing_record(realm)->kid == change.key.kid);
}

TEST_CASE("of an imported key nothing private is in the open") {
    TestRealm realm;
    const Json jwk = rfc7515_a2();
    const KeyChange change = imported(realm, named(jwk, "theirs").dump());
    const KeyRecord stored = *signing_keys_table::find(realm.database(), change.key.kid);
    CHECK(members_of(stored) == Names{"kty", "e", "n", "kid", "alg", "use"});
    CHECK(Json::parse(stored.public_jwk).at("kid") == stored.kid);
    const std::string d = jwk.at("d");
    const std::string bytes = test::content(realm.database_path());
    CHECK(bytes.find(d.substr(0, 40)) == std::string::npos);
    CHECK(bytes.find("theirs") != std::string::npos);
}

TEST_CASE("what else stands in a public JWK is not kept") {
    TestRealm realm;
    const Json jwk{{"kty", "OKP"},          {"crv", "Ed25519"},    {"x", rfc8032_x},
                   {"kid", "theirs"},       {"x5u", "https://x/"}, {"key_ops", {"verify"}},
                   {"comment", "\u202e !"}, {"alg", "EdDSA"}};
    const KeyChange change = imported(realm, jwk.dump());
    CHECK(members_of(change.key) == Names{"kty", "crv", "x", "kid", "alg", "use"});
    CHECK(change.key.known_as == "theirs");
}

TEST_CASE("a public key verifies, and never signs") {
    TestRealm realm;
    const std::string own = signing_record(realm)->kid;
    const KeyChange change = imported(realm, data_file("pem/p256_public.pem"));
    CHECK_FALSE(change.key.has_private);
    CHECK(change.key.verifies(realm.clock.now()));
    CHECK_FALSE(signing_keys_table::sealed(realm.database(), change.key.kid));
    CHECK(signing_record(realm)->kid == own);
}

TEST_CASE("padding and leading zeros of RSA numbers are read, and not kept") {
    const Json plain = rfc7515_a2();
    Json odd = plain;
    for (const char* name : {"n", "e", "d", "p", "q", "dp", "dq", "qi"}) {
        const auto bytes = from_base64url(plain.at(name).get<std::string>());
        std::string text = to_base64url(std::string(2, '\0') + *bytes);
        text.append((4 - text.size() % 4) % 4, '=');
        odd[name] = text;
    }
    for (const bool with_private : {false, true}) {
        TestRealm realm;
        const Json jwk = with_private ? odd : public_half(odd);
        const KeyChange change = imported(realm, jwk.dump());
        CHECK(change.key.kid == jwk_thumbprint(plain));
        CHECK(Json::parse(change.key.public_jwk).at("n") == plain.at("n"));
        CHECK(Json::parse(change.key.public_jwk).at("e") == plain.at("e"));
        CHECK(change.remarks.size() == 1);
        CHECK_FALSE(imported(realm, (with_private ? plain : public_half(plain)).dump()).changed);
        if (!with_private)
            continue;
        realm.set("token.algorithm", "RS256");
        realm.reopen();
        const auto key = current_signing_key(realm);
        REQUIRE(key);
        const Json kept = Json::parse(key->private_jwk().reveal());
        for (const char* name : {"n", "e", "d", "p", "q", "dp", "dq", "qi"})
            CHECK(kept.at(name) == plain.at(name));
    }
}

TEST_CASE("a key is imported from whatever wraps it") {
    const auto joined = [](std::string pem) {
        std::ranges::replace(pem, '\n', ' ');
        return pem;
    };
    const std::string private_pem = data_file("pem/p256_pkcs8.pem");
    const std::string public_pem = data_file("pem/p256_public.pem");
    const auto der = [](const std::string& pem) {
        return std::string(pem::read_blocks(pem)->front().der.reveal());
    };
    TestRealm realm;
    const std::string kid = imported(realm, public_pem).key.kid;
    for (const std::string& text :
         {joined(public_pem), der(public_pem), data_file("pem/p256_openssh.pub"),
          to_base64(public_pem), data_file("pem/p256_certificate.pem")}) {
        CAPTURE(text);
        CHECK_FALSE(is_private_key(Secret(text)));
        const KeyChange again = imported(realm, text);
        CHECK(again.key.kid == kid);
        CHECK_FALSE(again.changed);
    }
    for (const std::string& text :
         {joined(private_pem), der(private_pem), to_base64(der(private_pem))}) {
        TestRealm fresh;
        CHECK(is_private_key(Secret(text)));
        const KeyChange change = imported(fresh, text);
        CHECK(change.key.kid == kid);
        CHECK(change.key.has_private);
        CHECK(change.remarks.size() == 1);
    }
}

TEST_CASE("a key for Ed25519 is one for EdDSA") {
    TestRealm realm;
    Json jwk = Json::parse(rfc8037_private);
    jwk["alg"] = "Ed25519";
    const KeyChange change = imported(realm, jwk.dump());
    CHECK(change.key.algorithm == "EdDSA");
    CHECK(Json::parse(change.key.public_jwk).at("alg") == "EdDSA");
}

TEST_CASE("PEM and JWK of one key are one key") {
    TestRealm realm;
    const KeyChange first = imported(realm, data_file("pem/p256_public.pem"));
    for (const char* file : {"p256_certificate.pem", "p256_public.pem"}) {
        const KeyChange again = imported(realm, data_file(std::string("pem/") + file));
        CHECK_FALSE(again.changed);
        CHECK(again.key.kid == first.key.kid);
    }
    CHECK_FALSE(imported(realm, first.key.public_jwk).changed);
    // Whom it speaks for changes only where that is said; then the private half is news, once.
    const Secret secret(data_file("pem/p256_pkcs8.pem"));
    const auto unsaid = import_key(realm, secret, {});
    REQUIRE_FALSE(unsaid);
    CHECK(unsaid.error().code == ErrorCode::exists);
    CHECK(unsaid.error().field == "issuer");
    for (const bool first_time : {true, false}) {
        const auto more = import_key(realm, secret, {.issuer = "auth-cli"});
        REQUIRE(more);
        CHECK(more->changed == first_time);
        CHECK(more->key.kid == first.key.kid);
        CHECK(more->key.has_private);
        CHECK(more->key.issuer.empty());
    }
    CHECK(current_signing_key(realm)->kid() == first.key.kid);
    // What signs here is not given away again.
    const auto away = import_key(realm, secret, {.issuer = partner});
    REQUIRE_FALSE(away);
    CHECK(away.error().code == ErrorCode::exists);
    CHECK(signing_keys_table::sealed(realm.database(), first.key.kid));
    CHECK(realm.count("SELECT count(*) FROM signing_keys") == 2);
    CHECK(realm.count("SELECT count(*) FROM audit WHERE event = 'key_imported'") == 2);
}

TEST_CASE("a public key speaks for the issuer that is said, and for none in silence") {
    TestRealm realm;
    const Secret text(data_file("pem/ed25519_public.pem"));
    for (const std::optional<std::string>& issuer :
         {std::optional<std::string>(), std::optional<std::string>(""),
          std::optional<std::string>("auth-cli")}) {
        const auto refused = import_key(realm, text, {.issuer = issuer});
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == ErrorCode::usage);
        CHECK(refused.error().field == "issuer");
    }
    CHECK(import_key(realm, text, {.issuer = std::string(any_issuer)})->key.issuer == "*");
    const auto moved = import_key(realm, text, {.issuer = partner});
    REQUIRE(moved);
    CHECK(moved->changed);
    CHECK(signing_keys_table::find(realm.database(), moved->key.kid)->issuer == partner);
}

TEST_CASE("of another issuer's private key only the public half is kept") {
    TestRealm realm;
    const auto change =
        import_key(realm, Secret(std::string_view(rfc8037_private)), {.issuer = partner});
    REQUIRE(change);
    CHECK_FALSE(change->key.has_private);
    CHECK(change->key.issuer == partner);
    CHECK_FALSE(signing_keys_table::sealed(realm.database(), change->key.kid));
}

TEST_CASE("an RSA key that does not say what it is for is for RS256, or for what is said") {
    TestRealm realm;
    CHECK(imported(realm, rfc7515_a2().dump()).key.algorithm == "RS256");
    TestRealm other;
    CHECK(imported(other, rfc7515_a2().dump(), Algorithm::ps256).key.algorithm == "PS256");
    TestRealm pem;
    CHECK(imported(pem, data_file("pem/rsa_pkcs8.pem")).key.algorithm == "RS256");
    CHECK(imported(pem, data_file("pem/rsa_pss_public.pem"), Algorithm::ps256).key.algorithm ==
          "PS256");
}

TEST_CASE("a public key may be for what cannot sign here") {
    TestRealm realm;
    CHECK(imported(realm, data_file("pem/p384_public.pem")).key.algorithm == "ES384");
    CHECK(imported(realm, data_file("pem/p521_public.pem")).key.algorithm == "ES512");
    check_fails(realm, data_file("pem/p384_pkcs8.pem"), ErrorCode::usage, "unsupported_key");
}

TEST_CASE("a key is found by the name it came with") {
    TestRealm realm;
    const KeyChange change = imported(realm, named(public_half(rfc7515_a2()), "2011-04-29").dump());
    CHECK(change.key.known_as == "2011-04-29");
    CHECK(find_key(realm, "2011-04-29")->kid == change.key.kid);
    CHECK(find_key(realm, change.key.kid)->kid == change.key.kid);
    CHECK(retire_key(realm, "2011-04-29")->key.kid == change.key.kid);

    // Its own thumbprint is no other name.
    TestRealm other;
    Json jwk = Json::parse(rfc8037_private);
    jwk["kid"] = rfc8037_thumbprint;
    CHECK(imported(other, jwk.dump()).key.known_as.empty());
}

TEST_CASE("a name belongs to one key") {
    TestRealm realm;
    const std::string own = signing_record(realm)->kid;
    (void)imported(realm, named(public_half(rfc7515_a2()), "theirs").dump());
    const Json other{{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", rfc8032_x}};
    // Of another service's key, and, worse, of the one that signs here.
    check_fails(realm, named(other, "theirs").dump(), ErrorCode::exists);
    check_fails(realm, named(other, own).dump(), ErrorCode::exists);
    CHECK(find_key(realm, own)->algorithm == "ES256");

    // Nor can a key be kept out, or given another's private half, by one that took its thumbprint.
    CHECK(imported(realm, named(other, rfc8037_thumbprint).dump()).changed);
    check_fails(realm, rfc8037_private, ErrorCode::exists);
    CHECK_FALSE(find_key(realm, rfc8037_thumbprint)->has_private);
}

TEST_CASE("weak keys are refused with the reason") {
    TestRealm realm;
    check_fails(realm, data_file("pem/rsa_1024_public.pem"), ErrorCode::refused, "weak_key");
    Json small = public_half(rfc7515_a2());
    small["e"] = "Aw"; // 3
    check_fails(realm, small.dump(), ErrorCode::refused, "weak_key");
}

TEST_CASE("a revoked key does not come back") {
    TestRealm realm;
    const std::string kid = imported(realm, data_file("pem/p256_public.pem")).key.kid;
    REQUIRE(revoke_key(realm, kid));
    for (const char* file : {"pem/p256_public.pem", "pem/p256_pkcs8.pem"})
        check_fails(realm, data_file(file), ErrorCode::refused, "revoked");
    CHECK(find_key(realm, kid)->revoked_at);
    CHECK_FALSE(signing_keys_table::sealed(realm.database(), kid));
}

TEST_CASE("a retired key does not sign again") {
    TestRealm realm;
    const std::string kid = imported(realm, data_file("pem/p256_pkcs8.pem")).key.kid;
    REQUIRE(retire_key(realm, kid));
    const KeyChange again = imported(realm, data_file("pem/p256_pkcs8.pem"));
    CHECK_FALSE(again.changed);
    CHECK_FALSE(again.key.has_private);
    CHECK(signing_record(realm)->kid != kid);
}

TEST_CASE("what is no key to sign or verify with is refused") {
    TestRealm realm;
    const std::string secret =
        R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0i"})";
    check_fails(realm, secret, ErrorCode::usage);
    CHECK(import(realm, secret).error().hint ==
          NextStep{"config set", {"token.secret_file", "FILE"}});
    for (const char* text : {"", "not a key", "-----BEGIN PUBLIC KEY-----", R"({"keys":[]})"})
        check_fails(realm, text, ErrorCode::usage);
    check_fails(realm, "{}", ErrorCode::usage, "malformed_key");
    check_fails(realm, "{", ErrorCode::usage, "malformed");
    check_fails(realm, R"([{"kty":"OKP"}])", ErrorCode::usage, "malformed_key");
    check_fails(realm, R"({"kty":"OKP","kty":"EC"})", ErrorCode::usage, "duplicate_member");
    for (const char* file : {"ed25519_encrypted", "rsa_encrypted_pkcs1", "p256_request"})
        check_fails(realm, data_file(std::string("pem/") + file + ".pem"), ErrorCode::usage);
    for (const char* file : {"x25519_public", "ed448_public", "secp256k1_public"})
        check_fails(realm, data_file(std::string("pem/") + file + ".pem"), ErrorCode::usage,
                    "unsupported_key");
    check_fails(realm, data_file("pem/p256_pkcs8.pem") + data_file("pem/rsa_pkcs8.pem"),
                ErrorCode::usage);
    check_fails(realm, rfc8037_private, ErrorCode::usage, "wrong_algorithm", Algorithm::rs256);
    // A private half that is another key's.
    Json torn = Json::parse(rfc8037_private);
    torn["x"] = rfc8032_x;
    check_fails(realm, torn.dump(), ErrorCode::usage, "malformed_key");
    // Not private, but with what only the owner may have.
    Json leaking = public_half(rfc7515_a2());
    leaking["p"] = rfc7515_a2().at("p");
    check_fails(realm, leaking.dump(), ErrorCode::usage, "malformed_key");
}
