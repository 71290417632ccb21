#include "core/jose/jwk.h"

#include "core/base/broken.h"
#include "core/base/digest.h"
#include "core/base/encoding.h"
#include "core/base/sodium.h"
#include "core/jose/jwk_members.h"
#include "core/jose/jwk_signatures.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sodium.h>

#include <algorithm>
#include <array>

namespace auth {
namespace {

using members::malformed;

constexpr const char* strangers = "the key's private members do not belong to its public ones";

// What a key is made of, whatever the algorithm.
struct Material {
    openssl::Key key;  // EC and RSA
    Secret secret;     // a shared secret; EdDSA to sign: seed and point
    std::string point; // EdDSA to verify
};

Result<Material> read_public(const Json& jwk, Algorithm algorithm) {
    const auto& traits = traits_of(algorithm);
    switch (traits.family) {
    case Family::hmac: {
        AUTH_TRY(auto secret, members::secret_bytes(jwk, "k"));
        return Material{{}, std::move(secret), {}};
    }
    case Family::ecdsa:
    case Family::rsa:
    case Family::rsa_pss: {
        AUTH_TRY(auto key, openssl::load_public(jwk, algorithm));
        return Material{std::move(key), {}, {}};
    }
    case Family::eddsa: {
        AUTH_TRY(auto point, members::coordinate(jwk, "x", traits.coordinate_size));
        start_sodium();
        if (crypto_core_ed25519_is_valid_point(as_bytes(point).data()) != 1)
            return malformed("the key's point is not on Ed25519, or of small order");
        return Material{{}, {}, std::move(point)};
    }
    }
    bug("no such family");
}

Result<Material> pair_of(openssl::Key key) {
    if (key == nullptr)
        return malformed(strangers);
    return Material{std::move(key), {}, {}};
}

Result<Material> read_private_ec(const Json& jwk, const AlgorithmTraits& traits) {
    AUTH_TRY(const auto x, members::coordinate(jwk, "x", traits.coordinate_size));
    AUTH_TRY(const auto y, members::coordinate(jwk, "y", traits.coordinate_size));
    AUTH_TRY(const auto d, members::secret_bytes(jwk, "d"));
    return pair_of(openssl::load_ec(traits.curve, x, y, d));
}

Result<Material> read_private_rsa(const Json& jwk) {
    AUTH_TRY(const auto rsa, members::rsa(jwk));
    if (jwk.contains("oth"))
        return members::unsupported("RSA keys of more than two primes are not supported");
    openssl::RsaSecrets secrets;
    AUTH_TRY(secrets.d, members::secret_bytes(jwk, "d"));
    AUTH_TRY(secrets.p, members::secret_bytes(jwk, "p"));
    AUTH_TRY(secrets.q, members::secret_bytes(jwk, "q"));
    AUTH_TRY(secrets.dp, members::secret_bytes(jwk, "dp"));
    AUTH_TRY(secrets.dq, members::secret_bytes(jwk, "dq"));
    AUTH_TRY(secrets.qi, members::secret_bytes(jwk, "qi"));
    return pair_of(openssl::load_rsa(rsa.n, rsa.e, secrets));
}

// The library's signing key: the seed, then the point it gives.
Result<Material> read_private_ed25519(const Json& jwk, const AlgorithmTraits& traits) {
    AUTH_TRY(const auto point, members::coordinate(jwk, "x", traits.coordinate_size));
    AUTH_TRY(const auto seed, members::secret_bytes(jwk, "d"));
    if (seed.size() != crypto_sign_SEEDBYTES)
        return malformed("the key's \"d\" is not 32 bytes");
    start_sodium();
    std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> derived{};
    Secret expanded(std::size_t{crypto_sign_SECRETKEYBYTES});
    crypto_sign_seed_keypair(derived.data(), expanded.writable().data(), seed.bytes().data());
    if (as_text(derived) != point)
        return malformed(strangers);
    return Material{{}, std::move(expanded), {}};
}

Result<Material> read_private(const Json& jwk, Algorithm algorithm) {
    const auto& traits = traits_of(algorithm);
    switch (traits.family) {
    case Family::hmac: {
        AUTH_TRY(auto material, read_public(jwk, algorithm));
        AUTH_CHECK(members::check_shared_secret(material.secret, algorithm));
        return material;
    }
    case Family::ecdsa:
        return read_private_ec(jwk, traits);
    case Family::rsa:
    case Family::rsa_pss:
        return read_private_rsa(jwk);
    case Family::eddsa:
        return read_private_ed25519(jwk, traits);
    }
    bug("no such family");
}

// The one algorithm of a key that must have just one.
Result<Algorithm> bind(const Json& jwk, std::optional<Algorithm> wanted) {
    AUTH_TRY(const auto answers, members::algorithms(jwk, wanted));
    if (answers.size() > 1)
        return malformed("the key names no algorithm");
    return answers.front();
}

// The private JWK with nothing in it that does not make the key.
Result<Secret> write_private(const Json& jwk, Algorithm algorithm) {
    const auto& traits = traits_of(algorithm);
    members::Members out;
    const auto copy = [&](std::string_view name) -> Status {
        AUTH_TRY(auto bytes, members::secret_bytes(jwk, name));
        out.emplace_back(name, std::move(bytes));
        return {};
    };
    for (const std::string_view name : members::public_names(traits.key_type))
        if (name != "kty" && name != "crv")
            AUTH_CHECK(copy(name));
    for (const std::string_view name : members::private_names())
        if (jwk.contains(name))
            AUTH_CHECK(copy(name));
    if (traits.family == Family::hmac)
        AUTH_CHECK(copy("k"));
    return members::write_private({traits.key_type, traits.curve, algorithm}, out);
}

Secret to_jwk(Algorithm algorithm, const members::Members& members) {
    const auto& traits = traits_of(algorithm);
    return members::write_private({traits.key_type, traits.curve, algorithm}, members);
}

} // namespace

struct VerificationKey::State {
    Algorithm algorithm;
    std::string kid;
    std::shared_ptr<const Material> material;
    openssl::SignatureVerifier signatures;
    openssl::MacVerifier codes;

    State(Algorithm bound, std::string name, std::shared_ptr<const Material> made_of)
        : algorithm(bound), kid(std::move(name)), material(std::move(made_of)),
          signatures(bound, material->key), codes(bound, material->secret) {}
};

Result<VerificationKey> VerificationKey::from_jwk(const Json& jwk,
                                                  std::optional<Algorithm> algorithm) {
    AUTH_TRY(const Algorithm bound, bind(jwk, algorithm));
    AUTH_TRY(auto keys, all_from_jwk(jwk, bound));
    return std::move(keys.front());
}

Result<std::vector<VerificationKey>>
VerificationKey::all_from_jwk(const Json& jwk, std::optional<Algorithm> algorithm) {
    AUTH_CHECK(members::check_use(jwk, "verify"));
    AUTH_TRY(auto answers, members::algorithms(jwk, algorithm));
    AUTH_TRY(const auto kid, members::kid(jwk));
    // Whoever can read such a key set can sign for it.
    if (members::has_private(jwk))
        return malformed("the key holds private members; its public half was expected");
    AUTH_TRY(auto read, read_public(jwk, answers.front()));
    if (traits_of(answers.front()).family == Family::hmac) {
        AUTH_CHECK(members::check_shared_secret(read.secret, answers.front()));
        std::erase_if(answers, [&](Algorithm answer) {
            return !members::check_shared_secret(read.secret, answer);
        });
    }
    const auto material = std::make_shared<const Material>(std::move(read));
    std::vector<VerificationKey> keys;
    keys.reserve(answers.size());
    for (const Algorithm answer : answers)
        keys.push_back(
            VerificationKey(std::make_shared<const State>(answer, kid.value_or(""), material)));
    return keys;
}

Result<VerificationKey> VerificationKey::from_shared_secret(Secret secret) {
    AUTH_CHECK(members::check_shared_secret(secret, Algorithm::hs256));
    const auto material = std::make_shared<const Material>(Material{{}, std::move(secret), {}});
    return VerificationKey(std::make_shared<const State>(Algorithm::hs256, "", material));
}

Algorithm VerificationKey::algorithm() const {
    return state_->algorithm;
}

const std::string& VerificationKey::kid() const {
    return state_->kid;
}

bool VerificationKey::verify(std::string_view input, std::string_view signature) const {
    switch (traits_of(state_->algorithm).family) {
    case Family::hmac:
        return state_->codes.verify(input, signature);
    case Family::ecdsa:
    case Family::rsa:
    case Family::rsa_pss:
        return state_->signatures.verify(input, signature);
    case Family::eddsa:
        return signature.size() == crypto_sign_BYTES &&
               crypto_sign_verify_detached(as_bytes(signature).data(), as_bytes(input).data(),
                                           input.size(),
                                           as_bytes(state_->material->point).data()) == 0;
    }
    bug("no such family");
}

struct SigningKey::State {
    Algorithm algorithm;
    std::string kid;
    Json public_jwk;
    Secret private_jwk;
    Material material;
};

SigningKey SigningKey::generate(Algorithm algorithm) {
    return from_private_jwk(to_jwk(algorithm, openssl::generate(algorithm))).value();
}

Result<SigningKey> SigningKey::from_private_jwk(const Secret& jwk,
                                                std::optional<Algorithm> algorithm) {
    auto parsed = parse_json(jwk.reveal());
    if (!parsed)
        return malformed(parsed.error().message);
    const std::unique_ptr<Json, members::Wipe> owner(&*parsed);
    members::respell_rsa(*parsed);
    const Json& members = *parsed;
    AUTH_TRY(const Algorithm bound, bind(members, algorithm));
    if (!can_sign(bound))
        return members::unsupported(
            fmt::format("keys for {} only verify; to sign there are ES256, RS256, PS256, EdDSA "
                        "and HS256",
                        to_name(bound)));
    AUTH_CHECK(members::check_use(members, "sign"));
    AUTH_TRY(auto material, read_private(members, bound));
    std::string kid = jwk_thumbprint(members);
    AUTH_TRY(auto private_jwk, write_private(members, bound));
    Json public_jwk = members::write_public(members, bound, kid);
    SigningKey key;
    key.state_ = std::make_shared<State>(State{bound, std::move(kid), std::move(public_jwk),
                                               std::move(private_jwk), std::move(material)});
    return key;
}

Result<SigningKey> SigningKey::from_shared_secret(Secret secret) {
    AUTH_CHECK(members::check_shared_secret(secret, Algorithm::hs256));
    members::Members members;
    members.emplace_back("k", std::move(secret));
    return from_private_jwk(to_jwk(Algorithm::hs256, members));
}

Algorithm SigningKey::algorithm() const {
    return state_->algorithm;
}

const std::string& SigningKey::kid() const {
    return state_->kid;
}

Json SigningKey::public_jwk() const {
    return state_->public_jwk;
}

Secret SigningKey::private_jwk() const {
    return state_->private_jwk.copy();
}

std::string SigningKey::sign(std::string_view input) const {
    switch (traits_of(state_->algorithm).family) {
    case Family::hmac:
        return hmac_sha256(state_->material.secret, input);
    case Family::eddsa: {
        std::string signature(crypto_sign_BYTES, '\0');
        crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr,
                             as_bytes(input).data(), input.size(),
                             state_->material.secret.bytes().data());
        return signature;
    }
    case Family::ecdsa:
    case Family::rsa:
    case Family::rsa_pss:
        return openssl::sign(*state_->material.key, state_->algorithm, input);
    }
    bug("no such family");
}

std::string jwk_thumbprint(const Json& jwk) {
    const std::string* type = find_text(jwk, "kty");
    if (type == nullptr || members::public_names(*type).empty())
        return {};
    Json canonical = Json::object();
    for (const std::string_view name : members::public_names(*type)) {
        const std::string* value = find_text(jwk, name);
        if (value == nullptr)
            return {};
        canonical[std::string(name)] = *value;
    }
    return to_base64url(sha256(canonical.dump(-1, ' ', false, Json::error_handler_t::replace)));
}

} // namespace auth
