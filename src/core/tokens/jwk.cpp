#include "core/tokens/jwk.h"

#include "core/base/digest.h"
#include "core/base/encoding.h"
#include "core/tokens/jwk_openssl.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <bit>
#include <span>
#include <stdexcept>

namespace auth {
namespace {

constexpr std::size_t coordinate_size = 32;
constexpr std::size_t min_secret_size = 32;
constexpr std::size_t min_rsa_bits = 2048;
constexpr std::size_t max_rsa_bits = 8192;
constexpr const char* strangers = "The key's private members do not belong to its public ones";

// What a JWK for an algorithm looks like. The public members stand in the order of their thumbprint
// (RFC 7638 section 3.2).
struct Shape {
    Algorithm algorithm;
    std::string_view name;
    std::string_view type;
    std::string_view curve;
    std::span<const std::string_view> members;
};

constexpr std::array<std::string_view, 4> ec_members{"crv", "kty", "x", "y"};
constexpr std::array<std::string_view, 3> rsa_members{"e", "kty", "n"};
constexpr std::array<std::string_view, 3> okp_members{"crv", "kty", "x"};
constexpr std::array<Shape, 5> shapes{{
    {Algorithm::hs256, "HS256", "oct", "", {}},
    {Algorithm::es256, "ES256", "EC", "P-256", ec_members},
    {Algorithm::rs256, "RS256", "RSA", "", rsa_members},
    {Algorithm::ps256, "PS256", "RSA", "", rsa_members},
    {Algorithm::eddsa, "EdDSA", "OKP", "Ed25519", okp_members},
}};

const Shape& shape_of(Algorithm algorithm) {
    return *std::ranges::find(shapes, algorithm, &Shape::algorithm);
}

tl::unexpected<Error> malformed(std::string message) {
    return fail(error(ErrorCode::invalid_token, std::move(message)).with_reason("malformed_key"));
}

tl::unexpected<Error> weak(std::string message) {
    return fail(error(ErrorCode::invalid_token, std::move(message)).with_reason("weak_key"));
}

// The string of that name, or null. Nothing in a value that is no object has a name.
const std::string* text(const Json& jwk, std::string_view name) {
    const auto found = jwk.find(name);
    return found != jwk.end() ? found->get_ptr<const std::string*>() : nullptr;
}

Result<std::string> bytes(const Json& jwk, std::string_view name) {
    const std::string* encoded = text(jwk, name);
    auto decoded = encoded != nullptr ? from_base64url(*encoded) : std::nullopt;
    if (!decoded || decoded->empty())
        return malformed(fmt::format("The key's \"{}\" is not canonical base64url", name));
    return *std::move(decoded);
}

Result<std::string> coordinate(const Json& jwk, std::string_view name) {
    AUTH_TRY(auto decoded, bytes(jwk, name));
    if (decoded.size() != coordinate_size)
        return malformed(fmt::format("The key's \"{}\" is not {} bytes", name, coordinate_size));
    return decoded;
}

Result<Secret> secret_bytes(const Json& jwk, std::string_view name) {
    AUTH_TRY(auto decoded, bytes(jwk, name));
    Secret secret(decoded);
    wipe(decoded);
    return secret;
}

// One algorithm for a key: what the caller and the key itself say must agree. A curve leaves one
// choice; RSA and shared secrets do not.
Result<Algorithm> bind(const Json& jwk, std::optional<Algorithm> wanted) {
    const std::string* type = text(jwk, "kty");
    if (type == nullptr)
        return malformed("The key is no JSON object with a \"kty\"");
    std::optional<Algorithm> bound = wanted;
    if (jwk.contains("alg")) {
        const std::string* name = text(jwk, "alg");
        const auto own = name != nullptr ? parse_algorithm(*name) : std::nullopt;
        if (!own || (wanted && own != wanted))
            return malformed("The key is for another algorithm");
        bound = own;
    } else if (!bound && (*type == "EC" || *type == "OKP")) {
        bound = *type == "EC" ? Algorithm::es256 : Algorithm::eddsa;
    }
    if (!bound)
        return malformed("The key names no algorithm");
    const Shape& shape = shape_of(*bound);
    const std::string* curve = text(jwk, "crv");
    if (*type != shape.type || (!shape.curve.empty() && (!curve || *curve != shape.curve)))
        return malformed(fmt::format("The key is not one for {}", shape.name));
    return *bound;
}

// RFC 7517 sections 4.2 and 4.3.
Status check_use(const Json& jwk, std::string_view operation) {
    if (jwk.contains("use") && (!text(jwk, "use") || *text(jwk, "use") != "sig"))
        return malformed("The key's \"use\" is not \"sig\"");
    const auto operations = jwk.find("key_ops");
    if (operations != jwk.end() &&
        (!operations->is_array() ||
         std::ranges::find(*operations, Json(operation)) == operations->end()))
        return malformed(fmt::format("The key's \"key_ops\" do not include \"{}\"", operation));
    return {};
}

Result<std::string> kid_of(const Json& jwk) {
    if (!jwk.contains("kid"))
        return std::string();
    if (text(jwk, "kid") == nullptr)
        return malformed("The key's \"kid\" is not a string");
    return *text(jwk, "kid");
}

struct RsaPublic {
    std::string n, e;
};

Result<RsaPublic> read_rsa(const Json& jwk) {
    AUTH_TRY(auto n, bytes(jwk, "n"));
    AUTH_TRY(auto e, bytes(jwk, "e"));
    const auto modulus = as_bytes(n);
    const auto exponent = as_bytes(e);
    if (modulus.front() == 0 || modulus.back() % 2 == 0 || exponent.front() == 0)
        return malformed("The key's modulus or exponent is no RSA number");
    const std::size_t bits = n.size() * 8 - static_cast<std::size_t>(std::countl_zero(modulus[0]));
    if (bits < min_rsa_bits)
        return weak(fmt::format("The RSA key has {} bits; {} are the least", bits, min_rsa_bits));
    if (bits > max_rsa_bits || e.size() > 8)
        return malformed(
            fmt::format("The RSA key is over {} bits, or its exponent over 64", max_rsa_bits));
    if (exponent.back() % 2 == 0 || e.size() < 3)
        return weak("The RSA key's exponent is even or under 65537");
    if (openssl::has_roca_mark(n))
        return weak("The RSA key was made by a faulty generator (CVE-2017-15361)");
    return RsaPublic{std::move(n), std::move(e)};
}

Status check_shared_secret(const Secret& secret) {
    if (secret.size() < min_secret_size)
        return weak(fmt::format("The shared secret has {} bytes; {} are the least", secret.size(),
                                min_secret_size));
    return {};
}

Result<Secret> shared_secret(const Json& jwk) {
    AUTH_TRY(auto secret, secret_bytes(jwk, "k"));
    AUTH_CHECK(check_shared_secret(secret));
    return secret;
}

void start_sodium() {
    static const int started = sodium_init();
    if (started < 0)
        throw std::runtime_error("libsodium could not start");
}

// The library's signing key: the seed, then the point it gives.
Result<Secret> expand_ed25519(const Secret& seed, std::string_view point) {
    if (seed.size() != crypto_sign_SEEDBYTES)
        return malformed("The key's \"d\" is not 32 bytes");
    start_sodium();
    std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> derived{};
    Secret expanded(std::size_t{crypto_sign_SECRETKEYBYTES});
    crypto_sign_seed_keypair(derived.data(), expanded.writable().data(), seed.bytes().data());
    if (as_text(derived) != point)
        return malformed(strangers);
    return expanded;
}

// A private JWK is written by hand: a JSON tree would leave copies of the secrets behind.
Secret write_private_jwk(const Shape& shape, const openssl::Members& members) {
    Secret out(fmt::format(R"({{"kty":"{}",)", shape.type));
    if (!shape.curve.empty())
        out.append(fmt::format(R"("crv":"{}",)", shape.curve));
    for (const auto& [name, value] : members) {
        std::string encoded = to_base64url(value.reveal());
        out.append(fmt::format(R"("{}":")", name));
        out.append(encoded);
        out.append("\",");
        wipe(encoded);
    }
    out.append(fmt::format(R"("alg":"{}","use":"sig"}})", shape.name));
    return out;
}

Json to_public(const Json& jwk, const Shape& shape, const std::string& kid) {
    Json out{{"kty", shape.type}};
    for (const std::string_view name : shape.members)
        out[std::string(name)] = *text(jwk, name);
    if (!kid.empty())
        out["kid"] = kid;
    out["alg"] = shape.name;
    out["use"] = "sig";
    return out;
}

struct Material {
    openssl::Key key;  // ES256, RS256, PS256
    Secret secret;     // HS256: the shared secret; EdDSA to sign: seed and point
    std::string point; // EdDSA to verify
};

Result<Material> from_openssl(openssl::Key key, const char* complaint) {
    if (key == nullptr)
        return malformed(complaint);
    return Material{std::move(key), {}, {}};
}

Result<Material> read_public(const Json& jwk, Algorithm algorithm) {
    switch (algorithm) {
    case Algorithm::hs256: {
        AUTH_TRY(auto secret, shared_secret(jwk));
        return Material{{}, std::move(secret), {}};
    }
    case Algorithm::es256: {
        AUTH_TRY(const auto x, coordinate(jwk, "x"));
        AUTH_TRY(const auto y, coordinate(jwk, "y"));
        return from_openssl(openssl::load_p256(x, y), "The key's point is not on P-256");
    }
    case Algorithm::rs256:
    case Algorithm::ps256: {
        AUTH_TRY(const auto rsa, read_rsa(jwk));
        return from_openssl(openssl::load_rsa(rsa.n, rsa.e), "The key is no RSA key");
    }
    case Algorithm::eddsa: {
        AUTH_TRY(auto point, coordinate(jwk, "x"));
        start_sodium();
        if (crypto_core_ed25519_is_valid_point(as_bytes(point).data()) != 1)
            return malformed("The key's point is not on Ed25519, or of small order");
        return Material{{}, {}, std::move(point)};
    }
    }
    throw std::logic_error("no such algorithm");
}

Result<Material> read_private_rsa(const Json& jwk) {
    AUTH_TRY(const auto rsa, read_rsa(jwk));
    openssl::RsaSecrets secrets;
    AUTH_TRY(secrets.d, secret_bytes(jwk, "d"));
    AUTH_TRY(secrets.p, secret_bytes(jwk, "p"));
    AUTH_TRY(secrets.q, secret_bytes(jwk, "q"));
    AUTH_TRY(secrets.dp, secret_bytes(jwk, "dp"));
    AUTH_TRY(secrets.dq, secret_bytes(jwk, "dq"));
    AUTH_TRY(secrets.qi, secret_bytes(jwk, "qi"));
    return from_openssl(openssl::load_rsa(rsa.n, rsa.e, secrets), strangers);
}

Result<Material> read_private(const Json& jwk, Algorithm algorithm) {
    switch (algorithm) {
    case Algorithm::hs256:
        return read_public(jwk, algorithm);
    case Algorithm::es256: {
        AUTH_TRY(const auto x, coordinate(jwk, "x"));
        AUTH_TRY(const auto y, coordinate(jwk, "y"));
        AUTH_TRY(const auto d, secret_bytes(jwk, "d"));
        return from_openssl(openssl::load_p256(x, y, d), strangers);
    }
    case Algorithm::rs256:
    case Algorithm::ps256:
        return read_private_rsa(jwk);
    case Algorithm::eddsa: {
        AUTH_TRY(const auto x, coordinate(jwk, "x"));
        AUTH_TRY(const auto d, secret_bytes(jwk, "d"));
        AUTH_TRY(auto expanded, expand_ed25519(d, x));
        return Material{{}, std::move(expanded), {}};
    }
    }
    throw std::logic_error("no such algorithm");
}

struct WipeMembers {
    void operator()(Json* jwk) const {
        for (auto& member : *jwk)
            if (auto* value = member.get_ptr<std::string*>())
                wipe(*value);
    }
};

} // namespace

std::string_view to_name(Algorithm algorithm) {
    return shape_of(algorithm).name;
}

std::optional<Algorithm> parse_algorithm(std::string_view name) {
    const auto* found = std::ranges::find(shapes, name, &Shape::name);
    return found != shapes.end() ? std::optional(found->algorithm) : std::nullopt;
}

struct VerificationKey::State {
    Algorithm algorithm;
    std::string kid;
    Material material;
};

Result<VerificationKey> VerificationKey::from_jwk(const Json& jwk,
                                                  std::optional<Algorithm> algorithm) {
    AUTH_TRY(const Algorithm bound, bind(jwk, algorithm));
    AUTH_CHECK(check_use(jwk, "verify"));
    AUTH_TRY(auto kid, kid_of(jwk));
    // Whoever can read such a key set can sign for it.
    if (jwk.contains("d"))
        return malformed("The key holds private members; its public half was expected");
    AUTH_TRY(auto material, read_public(jwk, bound));
    VerificationKey key;
    key.state_ = std::make_shared<State>(State{bound, std::move(kid), std::move(material)});
    return key;
}

Result<VerificationKey> VerificationKey::from_shared_secret(Secret secret) {
    AUTH_CHECK(check_shared_secret(secret));
    VerificationKey key;
    key.state_ = std::make_shared<State>(State{Algorithm::hs256, {}, {{}, std::move(secret), {}}});
    return key;
}

Algorithm VerificationKey::algorithm() const {
    return state_->algorithm;
}

const std::string& VerificationKey::kid() const {
    return state_->kid;
}

bool VerificationKey::verify(std::string_view input, std::string_view signature) const {
    switch (state_->algorithm) {
    case Algorithm::hs256:
        return equal_in_constant_time(hmac_sha256(state_->material.secret, input), signature);
    case Algorithm::eddsa:
        return signature.size() == crypto_sign_BYTES &&
               crypto_sign_verify_detached(as_bytes(signature).data(), as_bytes(input).data(),
                                           input.size(),
                                           as_bytes(state_->material.point).data()) == 0;
    case Algorithm::es256:
    case Algorithm::rs256:
    case Algorithm::ps256:
        return openssl::verify(*state_->material.key, state_->algorithm, input, signature);
    }
    throw std::logic_error("no such algorithm");
}

struct SigningKey::State {
    Algorithm algorithm;
    std::string kid;
    Json public_jwk;
    Secret private_jwk;
    Material material;
};

SigningKey SigningKey::generate(Algorithm algorithm) {
    return from_private_jwk(write_private_jwk(shape_of(algorithm), openssl::generate(algorithm)))
        .value();
}

Result<SigningKey> SigningKey::from_private_jwk(const Secret& jwk) {
    auto parsed = parse_json(jwk.reveal());
    if (!parsed)
        return malformed(parsed.error().message);
    const std::unique_ptr<Json, WipeMembers> owner(&*parsed);
    const Json& members = *parsed;
    AUTH_TRY(const Algorithm bound, bind(members, {}));
    AUTH_CHECK(check_use(members, "sign"));
    AUTH_TRY(auto kid, kid_of(members));
    AUTH_TRY(auto material, read_private(members, bound));
    if (kid.empty())
        kid = jwk_thumbprint(members);
    SigningKey key;
    auto public_jwk = to_public(members, shape_of(bound), kid);
    key.state_ = std::make_shared<State>(
        State{bound, std::move(kid), std::move(public_jwk), jwk.copy(), std::move(material)});
    return key;
}

Result<SigningKey> SigningKey::from_shared_secret(Secret secret) {
    AUTH_CHECK(check_shared_secret(secret));
    openssl::Members members;
    members.emplace_back("k", std::move(secret));
    return from_private_jwk(write_private_jwk(shape_of(Algorithm::hs256), members));
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
    switch (state_->algorithm) {
    case Algorithm::hs256:
        return hmac_sha256(state_->material.secret, input);
    case Algorithm::eddsa: {
        std::string signature(crypto_sign_BYTES, '\0');
        crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr,
                             as_bytes(input).data(), input.size(),
                             state_->material.secret.bytes().data());
        return signature;
    }
    case Algorithm::es256:
    case Algorithm::rs256:
    case Algorithm::ps256:
        return openssl::sign(*state_->material.key, state_->algorithm, input);
    }
    throw std::logic_error("no such algorithm");
}

std::string jwk_thumbprint(const Json& jwk) {
    const std::string* type = text(jwk, "kty");
    const auto* shape = type != nullptr ? std::ranges::find(shapes, *type, &Shape::type) : nullptr;
    if (shape == nullptr || shape == shapes.end() || shape->members.empty())
        return {};
    Json canonical = Json::object();
    for (const std::string_view name : shape->members) {
        const std::string* value = text(jwk, name);
        if (value == nullptr)
            return {};
        canonical[std::string(name)] = *value;
    }
    return to_base64url(sha256(canonical.dump(-1, ' ', false, Json::error_handler_t::replace)));
}

} // namespace auth
