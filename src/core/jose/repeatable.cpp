#include "core/jose/repeatable.h"

#include "core/base/digest.h"
#include "core/base/encoding.h"
#include "core/jose/jwk_openssl.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include <array>

namespace auth {
namespace {

constexpr int scalar_size = 32; // bytes of a coordinate, of the order and of the hash

using Scalar = std::unique_ptr<BIGNUM, openssl::Free<BN_clear_free>>;
using Modular = std::unique_ptr<BN_CTX, openssl::Free<BN_CTX_free>>;
using Group = std::unique_ptr<EC_GROUP, openssl::Free<EC_GROUP_free>>;
using Point = std::unique_ptr<EC_POINT, openssl::Free<EC_POINT_clear_free>>;

void require(bool done) {
    if (!done)
        openssl::fail_to("compute on a curve");
}

Scalar scalar_of(std::string_view bytes) {
    Scalar number(BN_bin2bn(as_bytes(bytes).data(), static_cast<int>(bytes.size()), nullptr));
    require(number != nullptr);
    return number;
}

std::string bytes_of(const BIGNUM* number) {
    std::string out(scalar_size, '\0');
    require(BN_bn2binpad(number, reinterpret_cast<unsigned char*>(out.data()), scalar_size) ==
            scalar_size);
    return out;
}

struct Curve {
    Group group{EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1)};
    Modular context{BN_CTX_new()};
    const BIGNUM* order = nullptr;

    Curve() {
        require(group != nullptr && context != nullptr);
        order = EC_GROUP_get0_order(group.get());
    }

    // The coordinates of the base point taken `factor` times.
    [[nodiscard]] std::array<Scalar, 2> times_base(const BIGNUM* factor) const {
        const Point point(EC_POINT_new(group.get()));
        std::array<Scalar, 2> out{Scalar(BN_new()), Scalar(BN_new())};
        require(point != nullptr &&
                EC_POINT_mul(group.get(), point.get(), factor, nullptr, nullptr, context.get()) ==
                    1 &&
                EC_POINT_get_affine_coordinates(group.get(), point.get(), out[0].get(),
                                                out[1].get(), context.get()) == 1);
        return out;
    }

    [[nodiscard]] Scalar reduced(std::string_view bytes) const {
        Scalar number = scalar_of(bytes);
        require(BN_nnmod(number.get(), number.get(), order, context.get()) == 1);
        return number;
    }

    [[nodiscard]] bool is_scalar(const BIGNUM* number) const {
        return !BN_is_zero(number) && BN_cmp(number, order) < 0;
    }
};

// RFC 6979 section 3.2, where hash and order have the same length.
Scalar nonce(const Curve& curve, const std::string& secret, const std::string& hash) {
    Secret key(std::string(scalar_size, '\0'));
    std::string value(scalar_size, '\1');
    const std::string seed = secret + bytes_of(curve.reduced(hash).get());
    for (const char step : {'\0', '\1'}) {
        key = Secret(hmac_sha256(key, value + step + seed));
        value = hmac_sha256(key, value);
    }
    while (true) {
        value = hmac_sha256(key, value);
        if (Scalar number = scalar_of(value); curve.is_scalar(number.get()))
            return number;
        key = Secret(hmac_sha256(key, value + '\0'));
        value = hmac_sha256(key, value);
    }
}

std::string private_scalar(const SigningKey& key) {
    auto jwk = parse_json(key.private_jwk().reveal()).value();
    const std::unique_ptr<Json, members::Wipe> owner(&jwk);
    return std::string(members::secret_bytes(jwk, "d").value().reveal());
}

} // namespace

std::string sign_repeatably(const SigningKey& key, std::string_view input) {
    if (key.algorithm() != Algorithm::es256)
        return key.sign(input);
    const Curve curve;
    const std::string secret = private_scalar(key);
    const std::string hash = sha256(input);
    const Scalar once = nonce(curve, secret, hash);
    // r is the x of k times the base point, s = (hash + r * d) / k.
    const Scalar r = curve.reduced(bytes_of(curve.times_base(once.get())[0].get()));
    const Scalar s = scalar_of(secret);
    const Scalar inverse(BN_mod_inverse(nullptr, once.get(), curve.order, curve.context.get()));
    BN_CTX* const context = curve.context.get();
    require(inverse != nullptr &&
            BN_mod_mul(s.get(), s.get(), r.get(), curve.order, context) == 1 &&
            BN_mod_add(s.get(), s.get(), curve.reduced(hash).get(), curve.order, context) == 1 &&
            BN_mod_mul(s.get(), s.get(), inverse.get(), curve.order, context) == 1);
    return bytes_of(r.get()) + bytes_of(s.get());
}

SigningKey p256_key_of(const Secret& bytes) {
    const Curve curve;
    const Scalar secret = curve.reduced(bytes.reveal());
    const auto point = curve.times_base(secret.get());
    const auto member = [](const Scalar& number) { return to_base64url(bytes_of(number.get())); };
    const Secret jwk(
        fmt::format(R"({{"kty":"EC","crv":"P-256","alg":"ES256","x":"{}","y":"{}","d":"{}"}})",
                    member(point[0]), member(point[1]), member(secret)));
    return SigningKey::from_private_jwk(jwk).value();
}

} // namespace auth
