#include "core/jose/jwk_openssl.h"

#include "core/base/broken.h"
#include "core/base/encoding.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <array>
#include <span>

namespace auth::openssl {
namespace {

using Number = std::unique_ptr<BIGNUM, Free<BN_clear_free>>;
using Arithmetic = std::unique_ptr<BN_CTX, Free<BN_CTX_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Free<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Free<OSSL_PARAM_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;

// "Secure" numbers are wiped when they, or parameters built from them, are freed.
Number to_number(std::string_view bytes) {
    Number number(BN_secure_new());
    if (number == nullptr ||
        BN_bin2bn(as_bytes(bytes).data(), static_cast<int>(bytes.size()), number.get()) == nullptr)
        fail_to("hold a number");
    return number;
}

Key own(EVP_PKEY* key) {
    return key != nullptr ? Key(key, Free<EVP_PKEY_free>()) : nullptr;
}

Key from_parameters(const char* type, int selection, OSSL_PARAM* parameters) {
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    if (context == nullptr || EVP_PKEY_fromdata_init(context.get()) <= 0)
        fail_to("set up a key");
    EVP_PKEY* key = nullptr;
    EVP_PKEY_fromdata(context.get(), &key, selection, parameters);
    return own(key);
}

Key from_builder(const char* type, int selection, const Builder& builder) {
    const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    if (parameters == nullptr)
        fail_to("set up a key");
    return from_parameters(type, selection, parameters.get());
}

// A builder keeps pointers only: the number must live until from_builder.
void push(const Builder& builder, const char* name, Number&& number) = delete;
void push(const Builder& builder, const char* name, const Number& number) {
    if (OSSL_PARAM_BLD_push_BN(builder.get(), name, number.get()) != 1)
        fail_to("set up a key");
}

std::string to_point(std::string_view x, std::string_view y) {
    return std::string("\x04").append(x).append(y);
}

struct RsaNumbers {
    Number n, e, d, p, q, dp, dq, qi;

    RsaNumbers(std::string_view modulus, std::string_view exponent, const RsaSecrets& secrets)
        : n(to_number(modulus)), e(to_number(exponent)), d(to_number(secrets.d.reveal())),
          p(to_number(secrets.p.reveal())), q(to_number(secrets.q.reveal())),
          dp(to_number(secrets.dp.reveal())), dq(to_number(secrets.dq.reveal())),
          qi(to_number(secrets.qi.reveal())) {}
};

// Whether `exponent` is d modulo prime - 1, and undoes e there.
bool inverts(const Number& exponent, const Number& prime, const RsaNumbers& key, BN_CTX* context) {
    const Number order(BN_dup(prime.get()));
    const Number scratch(BN_new());
    return BN_sub_word(order.get(), 1) == 1 &&
           BN_nnmod(scratch.get(), key.d.get(), order.get(), context) == 1 &&
           BN_cmp(scratch.get(), exponent.get()) == 0 &&
           BN_mod_mul(scratch.get(), exponent.get(), key.e.get(), order.get(), context) == 1 &&
           BN_is_one(scratch.get());
}

// OpenSSL's own check tests p and q for being prime, which takes longer than the whole program.
bool belong_together(const RsaNumbers& key) {
    const Arithmetic context(BN_CTX_new());
    const Number scratch(BN_new());
    return BN_mul(scratch.get(), key.p.get(), key.q.get(), context.get()) == 1 &&
           BN_cmp(scratch.get(), key.n.get()) == 0 && inverts(key.dp, key.p, key, context.get()) &&
           inverts(key.dq, key.q, key, context.get()) &&
           BN_mod_mul(scratch.get(), key.q.get(), key.qi.get(), key.p.get(), context.get()) == 1 &&
           BN_is_one(scratch.get());
}

// `size` 0 gives the shortest form. Empty where the key has no such number or it is longer.
Secret number_of(EVP_PKEY& key, const char* name, std::size_t size) {
    BIGNUM* raw = nullptr;
    if (EVP_PKEY_get_bn_param(&key, name, &raw) != 1)
        return {};
    const Number number(raw);
    Secret bytes(size > 0 ? size : static_cast<std::size_t>(BN_num_bytes(raw)));
    if (BN_bn2binpad(raw, bytes.writable().data(), static_cast<int>(bytes.size())) < 0)
        return {};
    return bytes;
}

Key load_ec(std::string_view curve, std::string_view x, std::string_view y) {
    const ErrorMark mark;
    std::string group(curve);
    std::string point = to_point(x, y);
    std::array<OSSL_PARAM, 3> parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size()),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
        OSSL_PARAM_construct_end()};
    return from_parameters("EC", EVP_PKEY_PUBLIC_KEY, parameters.data());
}

Key load_rsa(std::string_view n, std::string_view e) {
    const ErrorMark mark;
    const Number modulus = to_number(n);
    const Number exponent = to_number(e);
    const Builder builder(OSSL_PARAM_BLD_new());
    push(builder, OSSL_PKEY_PARAM_RSA_N, modulus);
    push(builder, OSSL_PKEY_PARAM_RSA_E, exponent);
    return from_builder("RSA", EVP_PKEY_PUBLIC_KEY, builder);
}

Key load_ed25519(std::string_view point) {
    const ErrorMark mark;
    return own(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, as_bytes(point).data(),
                                           point.size()));
}

Result<Key> loaded(Key key, std::string complaint) {
    if (key == nullptr)
        return members::malformed(std::move(complaint));
    return key;
}

} // namespace

ErrorMark::ErrorMark() {
    ERR_set_mark();
}

ErrorMark::~ErrorMark() {
    ERR_pop_to_mark();
}

void fail_to(const char* act) {
    broken_machine(fmt::format("OpenSSL could not {}", act));
}

Key load_ec(std::string_view curve, std::string_view x, std::string_view y, const Secret& d) {
    const ErrorMark mark;
    const std::string group(curve);
    const std::string point = to_point(x, y);
    const Number scalar = to_number(d.reveal());
    const Builder builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, group.c_str(), 0);
    OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                     point.size());
    push(builder, OSSL_PKEY_PARAM_PRIV_KEY, scalar);
    Key key = from_builder("EC", EVP_PKEY_KEYPAIR, builder);
    if (key == nullptr)
        return nullptr;
    const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
    const bool good = d.size() == x.size() && EVP_PKEY_private_check(context.get()) == 1 &&
                      EVP_PKEY_pairwise_check(context.get()) == 1;
    return good ? key : nullptr;
}

Key load_rsa(std::string_view n, std::string_view e, const RsaSecrets& secrets) {
    const ErrorMark mark;
    const RsaNumbers key(n, e, secrets);
    if (!belong_together(key))
        return nullptr;
    const Builder builder(OSSL_PARAM_BLD_new());
    push(builder, OSSL_PKEY_PARAM_RSA_N, key.n);
    push(builder, OSSL_PKEY_PARAM_RSA_E, key.e);
    push(builder, OSSL_PKEY_PARAM_RSA_D, key.d);
    push(builder, OSSL_PKEY_PARAM_RSA_FACTOR1, key.p);
    push(builder, OSSL_PKEY_PARAM_RSA_FACTOR2, key.q);
    push(builder, OSSL_PKEY_PARAM_RSA_EXPONENT1, key.dp);
    push(builder, OSSL_PKEY_PARAM_RSA_EXPONENT2, key.dq);
    push(builder, OSSL_PKEY_PARAM_RSA_COEFFICIENT1, key.qi);
    return from_builder("RSA", EVP_PKEY_KEYPAIR, builder);
}

Result<Key> load_public(const Json& jwk, Algorithm algorithm) {
    const auto& traits = traits_of(algorithm);
    switch (traits.family) {
    case Family::hmac:
        return members::unsupported("a shared secret has no public half");
    case Family::ecdsa: {
        AUTH_TRY(const auto x, members::coordinate(jwk, "x", traits.coordinate_size));
        AUTH_TRY(const auto y, members::coordinate(jwk, "y", traits.coordinate_size));
        return loaded(load_ec(traits.curve, x, y),
                      fmt::format("the key's point is not on {}", traits.curve));
    }
    case Family::rsa:
    case Family::rsa_pss: {
        AUTH_TRY(const auto rsa, members::rsa(jwk));
        return loaded(load_rsa(rsa.n, rsa.e), "the key is not an RSA key");
    }
    case Family::eddsa: {
        AUTH_TRY(const auto x, members::coordinate(jwk, "x", traits.coordinate_size));
        return loaded(load_ed25519(x), "the key is not an Ed25519 key");
    }
    }
    bug("no such family");
}

std::string ec_order(EVP_PKEY& key, std::size_t coordinate_size) {
    return std::string(number_of(key, OSSL_PKEY_PARAM_EC_ORDER, coordinate_size).reveal());
}

members::Members ec_members(EVP_PKEY& key, std::size_t coordinate_size, Part part) {
    members::Members members;
    members.emplace_back("x", number_of(key, OSSL_PKEY_PARAM_EC_PUB_X, coordinate_size));
    members.emplace_back("y", number_of(key, OSSL_PKEY_PARAM_EC_PUB_Y, coordinate_size));
    if (part == Part::all)
        members.emplace_back("d", number_of(key, OSSL_PKEY_PARAM_PRIV_KEY, coordinate_size));
    return members;
}

members::Members ed25519_members(EVP_PKEY& key, Part part) {
    constexpr std::size_t size = 32;
    members::Members members;
    const auto add = [&](const char* name, auto get) {
        Secret bytes(size);
        std::size_t written = size;
        if (get(&key, bytes.writable().data(), &written) != 1 || written != size)
            bytes = {};
        members.emplace_back(name, std::move(bytes));
    };
    add("x", EVP_PKEY_get_raw_public_key);
    if (part == Part::all)
        add("d", EVP_PKEY_get_raw_private_key);
    return members;
}

members::Members rsa_members(EVP_PKEY& key, Part part) {
    constexpr std::array<std::pair<std::string_view, const char*>, 8> names{
        {{"n", OSSL_PKEY_PARAM_RSA_N},
         {"e", OSSL_PKEY_PARAM_RSA_E},
         {"d", OSSL_PKEY_PARAM_RSA_D},
         {"p", OSSL_PKEY_PARAM_RSA_FACTOR1},
         {"q", OSSL_PKEY_PARAM_RSA_FACTOR2},
         {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1},
         {"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2},
         {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1}}};
    members::Members members;
    for (const auto& [name, parameter] : std::span(names).first(part == Part::all ? 8 : 2))
        members.emplace_back(name, number_of(key, parameter, 0));
    return members;
}

members::Members generate(Algorithm algorithm) {
    const ErrorMark mark;
    const auto& traits = traits_of(algorithm);
    const auto made = [](EVP_PKEY* key) {
        return key != nullptr ? own(key) : (fail_to("make a key"), nullptr);
    };
    if (!can_sign(algorithm) || traits.family == Family::hmac)
        bug("no keys are generated for this algorithm");
    if (traits.family == Family::ecdsa)
        return ec_members(*made(EVP_EC_gen(SN_X9_62_prime256v1)), traits.coordinate_size,
                          Part::all);
    if (traits.family == Family::eddsa)
        return ed25519_members(*made(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")), Part::all);
    return rsa_members(*made(EVP_RSA_gen(3072)), Part::all);
}

} // namespace auth::openssl
