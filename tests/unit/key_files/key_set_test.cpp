#include "core/base/encoding.h"
#include "core/key_files/key_set.h"
#include "support/catch.h"
#include "support/data.h"

#include <nlohmann/json.hpp>

#include <string>
#include <thread>
#include <vector>

using namespace auth;

namespace {

const SigningKey& signer(Algorithm algorithm) {
    static const SigningKey es = SigningKey::generate(Algorithm::es256);
    static const SigningKey rs = SigningKey::generate(Algorithm::rs256);
    static const SigningKey ed = SigningKey::generate(Algorithm::eddsa);
    return algorithm == Algorithm::es256 ? es : algorithm == Algorithm::rs256 ? rs : ed;
}

Json public_jwk(Algorithm algorithm) {
    return signer(algorithm).public_jwk();
}

Json without(Json jwk, std::initializer_list<const char*> names) {
    for (const char* name : names)
        jwk.erase(name);
    return jwk;
}

Json with(Json jwk, const char* name, Json value) {
    jwk[name] = std::move(value);
    return jwk;
}

Json secret(std::size_t size) {
    return {{"kty", "oct"}, {"k", to_base64url(std::string(size, 's'))}};
}

std::string text(const std::vector<Json>& keys) {
    Json list = Json::array();
    for (const auto& key : keys)
        list.push_back(key);
    return Json{{"keys", list}}.dump();
}

KeySet load(const std::vector<Json>& keys, std::optional<Algorithm> algorithm = {}) {
    auto set = KeySet::from_jwks(text(keys), algorithm);
    REQUIRE(set);
    return *std::move(set);
}

std::string refusal(const std::vector<Json>& keys, std::optional<Algorithm> algorithm = {}) {
    const auto set = KeySet::from_jwks(text(keys), algorithm);
    if (set)
        return "accepted";
    CHECK(set.error().code == ErrorCode::invalid_token);
    return set.error().reason;
}

// "ok" or the reason.
std::string found(const KeySet& set, std::string_view kid, Algorithm algorithm) {
    const auto key = set.find(kid, algorithm);
    if (key) {
        CHECK((*key)->algorithm() == algorithm);
        return "ok";
    }
    CHECK(key.error().code == ErrorCode::invalid_token);
    return key.error().reason;
}

} // namespace

TEST_CASE("one JWK answers whatever kid a token names", "[key_set]") {
    const auto set = KeySet::from_jwk(public_jwk(Algorithm::es256).dump());
    REQUIRE(set);
    CHECK(found(*set, "", Algorithm::es256) == "ok");
    CHECK(found(*set, "other", Algorithm::es256) == "ok");
    CHECK(found(*set, "", Algorithm::es384) == "wrong_algorithm");
    CHECK(found(*set, "other", Algorithm::hs256) == "wrong_algorithm");
    CHECK(set->find("", Algorithm::rs256).error().message ==
          "the token is signed by RS256, but the key is for ES256");
}

TEST_CASE("of one private JWK the public half is used", "[key_set]") {
    for (const auto algorithm : {Algorithm::es256, Algorithm::rs256, Algorithm::eddsa}) {
        const Json jwk = Json::parse(signer(algorithm).private_jwk().reveal());
        for (const Json& form : {jwk, with(jwk, "key_ops", {"sign"})}) {
            const auto set = KeySet::from_jwk(form.dump());
            REQUIRE(set);
            CHECK(set->find("", algorithm).value()->verify("text", signer(algorithm).sign("text")));
        }
    }
}

TEST_CASE("an RSA key without an algorithm answers for six", "[key_set]") {
    const Json open = without(public_jwk(Algorithm::rs256), {"alg"});
    const auto set = KeySet::from_jwk(open.dump());
    REQUIRE(set);
    for (const auto& row : all_algorithms())
        CHECK(found(*set, "", row.algorithm) == (row.key_type == "RSA" ? "ok" : "wrong_algorithm"));
    CHECK(set->find("", Algorithm::rs256)
              .value()
              ->verify("text", signer(Algorithm::rs256).sign("text")));
    CHECK_FALSE(set->find("", Algorithm::ps256)
                    .value()
                    ->verify("text", signer(Algorithm::rs256).sign("text")));

    const auto narrow = KeySet::from_jwk(open.dump(), Algorithm::ps384);
    REQUIRE(narrow);
    CHECK(found(*narrow, "", Algorithm::ps384) == "ok");
    CHECK(found(*narrow, "", Algorithm::rs256) == "wrong_algorithm");
}

TEST_CASE("a secret without an algorithm answers as far as it is long enough", "[key_set]") {
    for (const auto& [size, count] : {std::pair{32, 1}, std::pair{47, 1}, std::pair{48, 2},
                                      std::pair{63, 2}, std::pair{64, 3}, std::pair{200, 3}}) {
        const auto set = KeySet::from_jwk(secret(static_cast<std::size_t>(size)).dump());
        REQUIRE(set);
        CAPTURE(size);
        CHECK(found(*set, "", Algorithm::hs256) == "ok");
        CHECK(found(*set, "", Algorithm::hs384) == (count > 1 ? "ok" : "wrong_algorithm"));
        CHECK(found(*set, "", Algorithm::hs512) == (count > 2 ? "ok" : "wrong_algorithm"));
        CHECK(found(*set, "", Algorithm::es256) == "wrong_algorithm");
    }
    CHECK(KeySet::from_jwk(secret(31).dump()).error().reason == "weak_key");
    CHECK(KeySet::from_jwk(secret(47).dump(), Algorithm::hs384).error().reason == "weak_key");
    CHECK(KeySet::from_jwk(secret(48).dump(), Algorithm::hs384));
}

TEST_CASE("the caller's algorithm must be the key's", "[key_set]") {
    const auto set = KeySet::from_jwk(public_jwk(Algorithm::es256).dump(), Algorithm::rs256);
    REQUIRE_FALSE(set);
    CHECK(set.error().reason == "wrong_algorithm");
    CHECK(set.error().message == "the key is for ES256, not for RS256");
    const auto bound = KeySet::from_jwk(public_jwk(Algorithm::rs256).dump(), Algorithm::ps256);
    REQUIRE_FALSE(bound);
    CHECK(bound.error().message == "the key is for RS256, not for PS256");
    const auto pem = KeySet::from_pem(data_file("pem/rsa_public.pem"), Algorithm::hs256);
    REQUIRE_FALSE(pem);
    CHECK(pem.error().message == "the key is of type RSA, not one for HS256");
}

TEST_CASE("files of another kind are refused as such", "[key_set]") {
    for (const char* json : {"", "{", "[]", "null", "1", R"({"kty":"EC","kty":"EC"})"}) {
        CAPTURE(json);
        CHECK(KeySet::from_jwk(json).error().code == ErrorCode::usage);
        CHECK(KeySet::from_jwks(json).error().code == ErrorCode::usage);
    }
    CHECK(KeySet::from_jwks("{}").error().code == ErrorCode::usage);
    CHECK(KeySet::from_jwks(R"({"keys":{}})").error().code == ErrorCode::usage);
    CHECK(KeySet::from_jwk(text({public_jwk(Algorithm::es256)})).error().hint ==
          "give it with --jwks");
    CHECK(KeySet::from_jwks(public_jwk(Algorithm::es256).dump()).error().hint ==
          "give it with --jwk");
    CHECK(KeySet::from_jwk("{}").error().reason == "malformed_key");
    CHECK(KeySet::from_pem("hello").error().code == ErrorCode::usage);
}

TEST_CASE("in a set the kid names the key exactly", "[key_set]") {
    const auto set = load({with(public_jwk(Algorithm::es256), "kid", "a"),
                           with(public_jwk(Algorithm::rs256), "kid", "b")});
    CHECK(found(set, "a", Algorithm::es256) == "ok");
    CHECK(found(set, "b", Algorithm::rs256) == "ok");
    for (const char* kid : {"A", "a ", "c", "aa", "../a", "a\n"})
        CHECK(found(set, kid, Algorithm::es256) == "unknown_key");
    CHECK(found(set, std::string_view("a\0", 2), Algorithm::es256) == "unknown_key");
    CHECK(found(set, "a", Algorithm::rs256) == "wrong_algorithm");
    CHECK(found(set, "b", Algorithm::es256) == "wrong_algorithm");
    CHECK(set.find("c", Algorithm::es256).error().message == "there is no key 'c'");
}

TEST_CASE("without a kid the only key for the algorithm answers", "[key_set]") {
    const Json other = SigningKey::generate(Algorithm::es256).public_jwk();
    const auto set =
        load({public_jwk(Algorithm::es256), public_jwk(Algorithm::eddsa), other, secret(10)["k"]});
    CHECK(found(set, "", Algorithm::eddsa) == "ok");
    CHECK(found(set, "", Algorithm::es256) == "ambiguous_key");
    CHECK(found(set, "", Algorithm::rs256) == "wrong_algorithm");
}

TEST_CASE("a set of one key without a kid answers for any", "[key_set]") {
    const Json bare = without(public_jwk(Algorithm::es256), {"kid"});
    CHECK(found(load({bare}), "x", Algorithm::es256) == "ok");
    CHECK(found(load({with(bare, "kid", "a")}), "x", Algorithm::es256) == "unknown_key");
    CHECK(found(load({with(bare, "kid", "a")}), "", Algorithm::es256) == "ok");
    // A key for encryption beside it is as if absent, another key is not.
    const Json encryption{{"kty", "RSA"}, {"use", "enc"}};
    CHECK(found(load({bare, encryption}), "x", Algorithm::es256) == "ok");
    const Json rsa = without(public_jwk(Algorithm::rs256), {"kid"});
    CHECK(found(load({bare, rsa}), "x", Algorithm::es256) == "unknown_key");
    CHECK(found(load({bare, rsa}, Algorithm::es256), "x", Algorithm::es256) == "unknown_key");
    CHECK(found(load({bare, rsa}), "", Algorithm::es256) == "ok");
}

TEST_CASE("keys for other purposes are passed over", "[key_set]") {
    const Json good = with(public_jwk(Algorithm::es256), "kid", "good");
    for (const Json& other : {with(public_jwk(Algorithm::rs256), "use", "enc"),
                              with(public_jwk(Algorithm::rs256), "key_ops", {"encrypt"}),
                              with(public_jwk(Algorithm::rs256), "alg", "RSA-OAEP"),
                              Json{{"kty", "OKP"}, {"crv", "X25519"}, {"x", "AAAA"}},
                              Json{{"kty", "OKP"}, {"crv", "Ed448"}, {"x", "AAAA"}},
                              Json{{"kty", "EC"}, {"crv", "secp256k1"}, {"x", "AA"}, {"y", "AA"}},
                              Json{{"kty", "AKP"}, {"alg", "ML-DSA-44"}, {"pub", "AA"}}}) {
        const Json named = with(other, "kid", "other");
        CAPTURE(named.dump());
        const auto set = load({named, good});
        CHECK(found(set, "good", Algorithm::es256) == "ok");
        CHECK(found(set, "other", Algorithm::rs256) == "unsupported_key");
        CHECK(refusal({named}) == "unsupported_key");
    }
}

TEST_CASE("a bad key hurts only the tokens that name it", "[key_set]") {
    const Json good = with(public_jwk(Algorithm::es256), "kid", "good");
    const Json weak{{"kty", "RSA"},
                    {"kid", "weak"},
                    {"n", to_base64url(std::string(128, '\xff'))},
                    {"e", "AQAB"}};
    const Json off = with(with(good, "y", good["x"]), "kid", "off");
    const auto set = load({weak, off, good, 7, with(good, "kid", 7)});
    CHECK(found(set, "good", Algorithm::es256) == "ok");
    CHECK(found(set, "weak", Algorithm::rs256) == "weak_key");
    CHECK(found(set, "off", Algorithm::es256) == "malformed_key");
    CHECK(found(set, "", Algorithm::es256) == "ok");
}

TEST_CASE("a set without a usable key says why, key by key", "[key_set]") {
    const Json encryption = with(public_jwk(Algorithm::es256), "use", "enc");
    const auto set = KeySet::from_jwks(
        text({with(encryption, "kid", "a"), Json{{"kty", "AKP"}}, secret(4)["k"]}));
    REQUIRE_FALSE(set);
    CHECK(set.error().reason == "no_usable_key");
    CHECK(set.error().message ==
          "the key set has no key to verify with ('a': the key's \"use\" is 'enc', not 'sig'; "
          "number 2: keys of type 'AKP' are not supported; number 3: the key is not a JSON object "
          "with a \"kty\")");
    CHECK(refusal({}) == "no_usable_key");
    CHECK(refusal({secret(31)}) == "weak_key");
    CHECK(refusal({public_jwk(Algorithm::es256)}, Algorithm::rs256) == "wrong_algorithm");
    const std::vector<Json> many(500, without(encryption, {"kid"}));
    CHECK(KeySet::from_jwks(text(many)).error().message.size() < 500);
}

TEST_CASE("sets that nobody should trust are refused whole", "[key_set]") {
    const Json es = with(public_jwk(Algorithm::es256), "kid", "a");
    CHECK(refusal({es, secret(32)}) == "mixed_key_set");
    CHECK(refusal({secret(32), es}) == "mixed_key_set");
    CHECK(refusal({es, Json::parse(signer(Algorithm::rs256).private_jwk().reveal())}) ==
          "private_key");
    CHECK(refusal({Json::parse(signer(Algorithm::eddsa).private_jwk().reveal())}) == "private_key");
    CHECK(refusal({with(es, "d", "AA")}) == "private_key");
    CHECK(refusal({secret(32), with(secret(64), "kid", "b")}) == "accepted");
}

TEST_CASE("keys of one name are told apart by what they are for", "[key_set]") {
    const auto named = [](Json jwk) { return with(without(std::move(jwk), {"use"}), "kid", "a"); };
    const Json es = named(public_jwk(Algorithm::es256));
    const Json ed = named(public_jwk(Algorithm::eddsa));
    const Json rs256 = named(public_jwk(Algorithm::rs256));
    const Json rs512 = with(rs256, "alg", "RS512");
    const Json any_rsa = without(rs256, {"alg"});
    const Json other = named(SigningKey::generate(Algorithm::rs256).public_jwk());

    const auto types = load({es, ed, rs256});
    for (const auto algorithm : {Algorithm::es256, Algorithm::eddsa, Algorithm::rs256}) {
        CHECK(found(types, "a", algorithm) == "ok");
        CHECK(types.find("a", algorithm).value()->verify("text", signer(algorithm).sign("text")));
    }
    CHECK(found(types, "a", Algorithm::ps256) == "wrong_algorithm");
    CHECK(found(types, "b", Algorithm::es256) == "unknown_key");
    CHECK(types.find("a", Algorithm::ps256).error().message ==
          "the token is signed by PS256, but no key 'a' is for that");

    const auto algorithms = load({rs512, rs256});
    CHECK(found(algorithms, "a", Algorithm::rs256) == "ok");
    CHECK(found(algorithms, "a", Algorithm::rs512) == "ok");
    CHECK(found(algorithms, "a", Algorithm::rs384) == "wrong_algorithm");

    // Keys that verify nothing leave the one that does.
    for (const Json& useless :
         {with(other, "use", "enc"), with(other, "key_ops", {"wrapKey"}),
          with(other, "alg", "RSA-OAEP-256"), with(other, "n", "AQAB"), without(other, {"e"})}) {
        CAPTURE(useless.dump());
        for (const auto& set : {load({useless, rs256}), load({rs256, useless})}) {
            const auto key = set.find("a", Algorithm::rs256);
            REQUIRE(key);
            CHECK((*key)->verify("text", signer(Algorithm::rs256).sign("text")));
        }
        CHECK(found(load({useless, useless, with(es, "kid", "b")}), "a", Algorithm::rs256) != "ok");
    }

    // Two keys are one too many, one key twice is not.
    CHECK(found(load({rs256, other}), "a", Algorithm::rs256) == "ambiguous_key");
    CHECK(found(load({any_rsa, other}), "a", Algorithm::rs256) == "ambiguous_key");
    CHECK(found(load({any_rsa, other}), "a", Algorithm::ps256) == "ok");
    CHECK(found(load({es, rs256, other}), "a", Algorithm::es256) == "ok");
    CHECK(found(load({rs256, rs256}), "a", Algorithm::rs256) == "ok");
    CHECK(found(load({rs256, any_rsa}), "a", Algorithm::rs256) == "ok");
    CHECK(found(load({rs256, any_rsa, other}), "a", Algorithm::rs256) == "ambiguous_key");
    CHECK(found(load({with(secret(32), "kid", "s"), with(secret(33), "kid", "s")}), "s",
                Algorithm::hs256) == "ambiguous_key");
    CHECK(load({rs256, other}).find("a", Algorithm::rs256).error().message ==
          "several keys 'a' are for RS256");
}

TEST_CASE("RSA numbers may have padding and leading zeros", "[key_set]") {
    const Json plain = with(public_jwk(Algorithm::rs256), "kid", "a");
    const std::string n = *from_base64url(plain.at("n").get<std::string>());
    const std::string signature = signer(Algorithm::rs256).sign("text");
    const auto base64url = [](const std::string& bytes, bool padded) {
        std::string text = to_base64url(bytes);
        while (padded && text.size() % 4 != 0)
            text += '=';
        return text;
    };
    for (const std::size_t zeros : {0U, 1U, 2U, 3U, 100U})
        for (const bool padded : {false, true}) {
            CAPTURE(zeros, padded);
            Json odd = with(plain, "n", base64url(std::string(zeros, '\0') + n, padded));
            odd["e"] = base64url(std::string(zeros, '\0') + "\x01" + std::string(1, '\0') + "\x01",
                                 padded);
            const bool same = odd.at("n") == plain.at("n") && odd.at("e") == plain.at("e");
            const auto set = load({odd});
            CHECK(set.find("a", Algorithm::rs256).value()->verify("text", signature));
            CHECK_FALSE(set.find("a", Algorithm::rs256).value()->verify("test", signature));
            CHECK(set.remarks().empty() == same);
            const auto one = KeySet::from_jwk(odd.dump());
            REQUIRE(one);
            CHECK(one->find("", Algorithm::rs256).value()->verify("text", signature));
            CHECK(one->remarks().empty() == same);
        }
    CHECK(load({with(plain, "n", to_base64url(std::string(1, '\0') + n))}).remarks() ==
          Remarks{"the key 'a' has RSA numbers with padding or leading zeros; they were read "
                  "without"});
    // The number counts, not its spelling.
    const std::string small = std::string(128, '\0') + std::string(128, '\xff');
    CHECK(refusal({with(plain, "n", to_base64url(small))}) == "weak_key");
    CHECK(refusal({with(plain, "n", to_base64url(std::string(256, '\0')))}) == "malformed_key");
    const std::string spelled = plain.at("n");
    for (const std::string& wrong : {spelled + "=", spelled + "====", spelled + " ", "=" + spelled,
                                     spelled + "\n", spelled.substr(0, 8) + "+" + spelled})
        CHECK(refusal({with(plain, "n", wrong)}) == "malformed_key");
    // Coordinates are as long as their curve.
    const Json ec = public_jwk(Algorithm::es256);
    const std::string x = *from_base64url(ec.at("x").get<std::string>());
    CHECK(refusal({with(ec, "x", to_base64url(std::string(1, '\0') + x))}) == "malformed_key");
    CHECK(refusal({with(ec, "x", ec.at("x").get<std::string>() + "=")}) == "malformed_key");
}

TEST_CASE("a key may call its algorithm Ed25519", "[key_set]") {
    const Json key = with(public_jwk(Algorithm::eddsa), "alg", "Ed25519");
    CHECK(found(load({key}), "", Algorithm::eddsa) == "ok");
    CHECK(refusal({with(public_jwk(Algorithm::es256), "alg", "Ed25519")}) == "malformed_key");
    CHECK(refusal({with(with(key, "crv", "Ed448"), "alg", "Ed448")}) == "unsupported_key");
}

TEST_CASE("what is not supported is named", "[key_set]") {
    const auto message = [](const Json& jwk) {
        return KeySet::from_jwk(jwk.dump()).error().message;
    };
    CHECK(message({{"kty", "EC"}, {"crv", "secp256k1"}}) ==
          "keys on the curve 'secp256k1' (ES256K) are not supported");
    CHECK(message({{"kty", "EC"}, {"crv", "secp256k1"}, {"alg", "ES256K"}}) ==
          "the key is for 'ES256K', which is not supported");
    CHECK(message({{"kty", "AKP"}, {"alg", "ML-DSA-65"}, {"pub", "AAAA"}}) ==
          "the key is for 'ML-DSA-65', which is not supported");
    CHECK(message({{"kty", "OKP"}, {"crv", "Ed448"}}) ==
          "keys on the curve 'Ed448' are not supported");
}

TEST_CASE("a map of certificates is a set", "[key_set]") {
    const std::string certificate = data_file("pem/p256_certificate.pem");
    const auto load_map = [](const Json& map) { return KeySet::from_jwks(map.dump()); };
    const auto set = load_map({{"a", certificate}, {"b", data_file("pem/rsa_public.pem")}});
    REQUIRE(set);
    CHECK(found(*set, "a", Algorithm::es256) == "ok");
    CHECK(found(*set, "b", Algorithm::ps512) == "ok");
    CHECK(found(*set, "a", Algorithm::rs256) == "wrong_algorithm");
    CHECK(found(*set, "c", Algorithm::es256) == "unknown_key");
    // One that cannot be used is passed over.
    const auto some = load_map({{"a", certificate},
                                {"weak", data_file("pem/rsa_1024_public.pem")},
                                {"coin", data_file("pem/secp256k1_public.pem")},
                                {"bad", "-----BEGIN CERTIFICATE-----"}});
    REQUIRE(some);
    CHECK(found(*some, "a", Algorithm::es256) == "ok");
    CHECK(found(*some, "weak", Algorithm::rs256) == "weak_key");
    const auto lone = load_map(Json::object({{"a", certificate}}));
    REQUIRE(lone);
    CHECK(found(*lone, "x", Algorithm::es256) == "unknown_key");

    CHECK(load_map({{"a", certificate}, {"b", data_file("pem/p256_pkcs8.pem")}}).error().reason ==
          "private_key");
    CHECK(load_map(Json::object({{"weak", data_file("pem/rsa_1024_public.pem")}})).error().reason ==
          "weak_key");
    CHECK(load_map(Json::object({{"bad", "-----BEGIN CERTIFICATE-----"}})).error().reason ==
          "no_usable_key");
    CHECK(load_map({{"a", certificate}, {"b", 1}}).error().code == ErrorCode::usage);
}

TEST_CASE("threads share a set", "[key_set]") {
    const auto set = load({public_jwk(Algorithm::es256), public_jwk(Algorithm::eddsa)});
    const auto secrets = load({with(secret(64), "kid", "s")});
    const auto mac = SigningKey::from_shared_secret(Secret(std::string(64, 's')))->sign("text");
    const auto ec = signer(Algorithm::es256).sign("text");
    const auto ed = signer(Algorithm::eddsa).sign("text");
    std::vector<int> good(4);
    std::vector<std::thread> threads;
    for (int& count : good)
        threads.emplace_back([&] {
            for (int i = 0; i < 200; ++i) {
                count += set.find("", Algorithm::es256).value()->verify("text", ec) ? 1 : 0;
                count += set.find("", Algorithm::eddsa).value()->verify("text", ed) ? 1 : 0;
                count += secrets.find("s", Algorithm::hs256).value()->verify("text", mac) ? 1 : 0;
                count += set.find("", Algorithm::es256).value()->verify("test", ec) ? 1 : 0;
            }
        });
    for (auto& thread : threads)
        thread.join();
    CHECK(good == std::vector<int>(4, 600));
}
