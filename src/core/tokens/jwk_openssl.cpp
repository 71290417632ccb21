#include "core/tokens/jwk_openssl.h"

#include "core/base/encoding.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <span>
#include <stdexcept>

namespace auth::openssl {
namespace {

template <auto function> struct Free {
    template <class T> void operator()(T* object) const { function(object); }
};
using Number = std::unique_ptr<BIGNUM, Free<BN_clear_free>>;
using Arithmetic = std::unique_ptr<BN_CTX, Free<BN_CTX_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Free<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Free<OSSL_PARAM_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, Free<ECDSA_SIG_free>>;

constexpr std::size_t coordinate_size = 32;

// The order of P-256 (SEC 2, section 2.4.2).
constexpr std::array<unsigned char, coordinate_size> p256_order{
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};

// A refused key or signature is an answer; it must not stay in the thread's error queue, where a
// TLS connection would later find it.
class ErrorMark {
  public:
    ErrorMark() { ERR_set_mark(); }
    ErrorMark(const ErrorMark&) = delete;
    ErrorMark& operator=(const ErrorMark&) = delete;
    ~ErrorMark() { ERR_pop_to_mark(); }
};

[[noreturn]] void fail_to(const char* act) {
    throw std::runtime_error(std::string("OpenSSL could not ") + act);
}

// "Secure" numbers are wiped when they, or parameters built from them, are freed.
Number to_number(std::string_view bytes) {
    Number number(BN_secure_new());
    if (number == nullptr ||
        BN_bin2bn(as_bytes(bytes).data(), static_cast<int>(bytes.size()), number.get()) == nullptr)
        fail_to("hold a number");
    return number;
}

Key from_parameters(const char* type, int selection, OSSL_PARAM* parameters) {
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    if (context == nullptr || EVP_PKEY_fromdata_init(context.get()) <= 0)
        fail_to("set up a key");
    EVP_PKEY* key = nullptr;
    EVP_PKEY_fromdata(context.get(), &key, selection, parameters);
    return Key(key);
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

bool in_p256_range(std::string_view scalar) {
    const auto bytes = as_bytes(scalar);
    return bytes.size() == coordinate_size &&
           std::ranges::any_of(bytes, [](unsigned char byte) { return byte != 0; }) &&
           std::ranges::lexicographical_compare(bytes, p256_order);
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

void use_pss(EVP_PKEY_CTX* context) {
    if (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) <= 0 ||
        EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) <= 0 ||
        EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) <= 0)
        fail_to("set up RSA-PSS");
}

std::string to_der(std::string_view r_and_s) {
    const EcdsaSignature signature(ECDSA_SIG_new());
    if (signature == nullptr ||
        ECDSA_SIG_set0(signature.get(), to_number(r_and_s.substr(0, 32)).release(),
                       to_number(r_and_s.substr(32)).release()) != 1)
        fail_to("build a signature");
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(signature.get(), &der);
    const std::unique_ptr<unsigned char, Free<[](void* p) { OPENSSL_free(p); }>> owner(der);
    if (size <= 0)
        fail_to("encode a signature");
    return {reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)};
}

std::string from_der(std::string_view der) {
    const unsigned char* at = as_bytes(der).data();
    const EcdsaSignature signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
    std::array<unsigned char, 2 * coordinate_size> out{};
    constexpr int size = coordinate_size;
    if (signature == nullptr ||
        BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out.data(), size) != size ||
        BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), out.data() + size, size) != size)
        fail_to("decode its own signature");
    return std::string(as_text(out));
}

// `size` 0 gives the shortest form.
Secret member(const Key& key, const char* name, int size) {
    BIGNUM* raw = nullptr;
    if (EVP_PKEY_get_bn_param(key.get(), name, &raw) != 1)
        fail_to("make a key");
    const Number number(raw);
    Secret bytes(static_cast<std::size_t>(size > 0 ? size : BN_num_bytes(raw)));
    BN_bn2binpad(raw, bytes.writable().data(), static_cast<int>(bytes.size()));
    return bytes;
}

Members p256_members(const Key& key) {
    Members members;
    members.emplace_back("x", member(key, OSSL_PKEY_PARAM_EC_PUB_X, coordinate_size));
    members.emplace_back("y", member(key, OSSL_PKEY_PARAM_EC_PUB_Y, coordinate_size));
    members.emplace_back("d", member(key, OSSL_PKEY_PARAM_PRIV_KEY, coordinate_size));
    return members;
}

Members ed25519_members(const Key& key) {
    Secret point(coordinate_size);
    Secret seed(coordinate_size);
    std::size_t point_size = coordinate_size;
    std::size_t seed_size = coordinate_size;
    if (EVP_PKEY_get_raw_public_key(key.get(), point.writable().data(), &point_size) != 1 ||
        EVP_PKEY_get_raw_private_key(key.get(), seed.writable().data(), &seed_size) != 1)
        fail_to("make a key");
    Members members;
    members.emplace_back("x", std::move(point));
    members.emplace_back("d", std::move(seed));
    return members;
}

Members rsa_members(const Key& key) {
    constexpr std::array<std::pair<std::string_view, const char*>, 8> names{
        {{"n", OSSL_PKEY_PARAM_RSA_N},
         {"e", OSSL_PKEY_PARAM_RSA_E},
         {"d", OSSL_PKEY_PARAM_RSA_D},
         {"p", OSSL_PKEY_PARAM_RSA_FACTOR1},
         {"q", OSSL_PKEY_PARAM_RSA_FACTOR2},
         {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1},
         {"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2},
         {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1}}};
    Members members;
    for (const auto& [name, parameter] : names)
        members.emplace_back(name, member(key, parameter, 0));
    return members;
}

} // namespace

void FreeKey::operator()(EVP_PKEY* key) const {
    EVP_PKEY_free(key);
}

Key load_p256(std::string_view x, std::string_view y) {
    const ErrorMark mark;
    std::string group = SN_X9_62_prime256v1;
    std::string point = to_point(x, y);
    std::array<OSSL_PARAM, 3> parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size()),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
        OSSL_PARAM_construct_end()};
    return from_parameters("EC", EVP_PKEY_PUBLIC_KEY, parameters.data());
}

Key load_p256(std::string_view x, std::string_view y, const Secret& d) {
    const ErrorMark mark;
    if (!in_p256_range(d.reveal()))
        return nullptr;
    const std::string point = to_point(x, y);
    const Number scalar = to_number(d.reveal());
    const Builder builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, SN_X9_62_prime256v1,
                                    0);
    OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                     point.size());
    push(builder, OSSL_PKEY_PARAM_PRIV_KEY, scalar);
    Key key = from_builder("EC", EVP_PKEY_KEYPAIR, builder);
    if (key == nullptr)
        return nullptr;
    const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
    return EVP_PKEY_pairwise_check(context.get()) == 1 ? std::move(key) : nullptr;
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

bool has_roca_mark(std::string_view modulus) {
    // Its primes were powers of 65537 modulo each of these, so the modulus is one too; by chance
    // one in 2^27 moduli or fewer.
    constexpr std::array<unsigned, 38> primes{
        3,  5,  7,  11, 13, 17,  19,  23,  29,  31,  37,  41,  43,  47,  53,  59,  61,  67,  71,
        73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167};
    return std::ranges::all_of(primes, [&](unsigned prime) {
        unsigned rest = 0;
        for (const unsigned char byte : as_bytes(modulus))
            rest = (rest << 8U | byte) % prime;
        unsigned power = 1;
        do {
            if (power == rest)
                return true;
            power = power * 65537 % prime;
        } while (power != 1);
        return false;
    });
}

bool verify(EVP_PKEY& key, Algorithm algorithm, std::string_view input,
            std::string_view signature) {
    const ErrorMark mark;
    std::string der;
    if (algorithm == Algorithm::es256) {
        const auto r = signature.substr(0, coordinate_size);
        if (!in_p256_range(r) || !in_p256_range(signature.substr(r.size())))
            return false;
        der = to_der(signature);
        signature = der;
    } else if (signature.size() != static_cast<std::size_t>(EVP_PKEY_get_size(&key))) {
        return false;
    }
    const DigestContext context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* options = nullptr;
    if (context == nullptr ||
        EVP_DigestVerifyInit(context.get(), &options, EVP_sha256(), nullptr, &key) <= 0)
        fail_to("check signatures");
    if (algorithm == Algorithm::ps256)
        use_pss(options);
    return EVP_DigestVerify(context.get(), as_bytes(signature).data(), signature.size(),
                            as_bytes(input).data(), input.size()) == 1;
}

std::string sign(EVP_PKEY& key, Algorithm algorithm, std::string_view input) {
    const DigestContext context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* options = nullptr;
    if (context == nullptr ||
        EVP_DigestSignInit(context.get(), &options, EVP_sha256(), nullptr, &key) <= 0)
        fail_to("sign");
    if (algorithm == Algorithm::ps256)
        use_pss(options);
    std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(&key)), '\0');
    std::size_t size = signature.size();
    if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       as_bytes(input).data(), input.size()) <= 0)
        fail_to("sign");
    signature.resize(size);
    return algorithm == Algorithm::es256 ? from_der(signature) : signature;
}

Members generate(Algorithm algorithm) {
    const ErrorMark mark;
    if (algorithm == Algorithm::es256)
        return p256_members(Key(EVP_EC_gen(SN_X9_62_prime256v1)));
    if (algorithm == Algorithm::eddsa)
        return ed25519_members(Key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")));
    if (algorithm == Algorithm::hs256)
        throw std::logic_error("a shared secret is given, not generated");
    return rsa_members(Key(EVP_RSA_gen(3072)));
}

} // namespace auth::openssl
