#include "core/jose/jwk_signatures.h"

#include "core/base/digest.h"
#include "core/base/encoding.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <atomic>

namespace auth::openssl {
namespace {

using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;
using Digest = std::unique_ptr<EVP_MD, Free<EVP_MD_free>>;
using Mac = std::unique_ptr<EVP_MAC, Free<EVP_MAC_free>>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, Free<EVP_MAC_CTX_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, Free<ECDSA_SIG_free>>;

// Most programs check one token. For that one libsodium computes SHA-256 and its HMAC: OpenSSL is
// several times as fast where the processor has instructions for it, but takes up to a millisecond
// to find them.
bool is_first() {
    static std::atomic<bool> used{false};
    return !used.load(std::memory_order_relaxed) && !used.exchange(true);
}

const char* digest_name(std::size_t hash_size) {
    return hash_size == 32 ? "SHA256" : hash_size == 48 ? "SHA384" : "SHA512";
}

const EVP_MD* digest_of(std::size_t hash_size) {
    const auto fetch = [&] {
        Digest found(EVP_MD_fetch(nullptr, digest_name(hash_size), nullptr));
        if (found == nullptr)
            fail_to("find a digest");
        return found;
    };
    if (hash_size == 32) {
        static const Digest sha256 = fetch();
        return sha256.get();
    }
    if (hash_size == 48) {
        static const Digest sha384 = fetch();
        return sha384.get();
    }
    static const Digest sha512 = fetch();
    return sha512.get();
}

struct Hash {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    std::size_t size = 0;

    Hash(std::string_view input, std::size_t hash_size) : size(hash_size) {
        if (hash_size == 32 && is_first())
            std::ranges::copy(as_bytes(sha256(input)), bytes.begin());
        else if (EVP_Digest(input.data(), input.size(), bytes.data(), nullptr, digest_of(hash_size),
                            nullptr) != 1)
            fail_to("hash");
    }
};

void use_pss(EVP_PKEY_CTX* context, const EVP_MD* digest) {
    if (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) <= 0 ||
        EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) <= 0 ||
        EVP_PKEY_CTX_set_rsa_mgf1_md(context, digest) <= 0)
        fail_to("set up RSA-PSS");
}

KeyContext prepare(EVP_PKEY& key, const AlgorithmTraits& traits) {
    KeyContext context(EVP_PKEY_CTX_new(&key, nullptr));
    if (context == nullptr || EVP_PKEY_verify_init(context.get()) <= 0)
        fail_to("check signatures");
    if (traits.family == Family::ecdsa) // the digest is only data to it
        return context;
    if (EVP_PKEY_CTX_set_signature_md(context.get(), digest_of(traits.hash_size)) <= 0)
        fail_to("check signatures");
    if (traits.family == Family::rsa_pss)
        use_pss(context.get(), digest_of(traits.hash_size));
    return context;
}

MacContext prepare(const Secret& secret, const AlgorithmTraits& traits) {
    const Mac mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
    MacContext context(EVP_MAC_CTX_new(mac.get()));
    std::string digest = digest_name(traits.hash_size);
    const std::array<OSSL_PARAM, 2> parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), digest.size()),
        OSSL_PARAM_construct_end()};
    if (context == nullptr ||
        EVP_MAC_init(context.get(), secret.bytes().data(), secret.size(), parameters.data()) != 1)
        fail_to("check authentication codes");
    return context;
}

bool in_range(std::string_view scalar, std::string_view order) {
    return scalar.find_first_not_of('\0') != std::string_view::npos && scalar < order;
}

// A positive INTEGER (X.690 section 8.3).
void append_integer(std::string& out, std::string_view number) {
    number.remove_prefix(std::min(number.find_first_not_of('\0'), number.size() - 1));
    const bool negative = (as_bytes(number).front() & 0x80U) != 0;
    out += '\x02';
    out += static_cast<char>(number.size() + (negative ? 1 : 0));
    if (negative)
        out += '\0';
    out += number;
}

// The SEQUENCE of r and s that OpenSSL takes (RFC 3279 section 2.2.3).
std::string to_der(std::string_view r, std::string_view s) {
    std::string numbers;
    append_integer(numbers, r);
    append_integer(numbers, s);
    std::string der(1, '\x30');
    if (numbers.size() > 127)
        der += '\x81';
    der += static_cast<char>(numbers.size());
    return der + numbers;
}

std::string from_der(std::string_view der, std::size_t coordinate_size) {
    const unsigned char* at = as_bytes(der).data();
    const EcdsaSignature signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
    std::string out(2 * coordinate_size, '\0');
    auto* to = reinterpret_cast<unsigned char*>(out.data());
    const int size = static_cast<int>(coordinate_size);
    if (signature == nullptr || BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), to, size) != size ||
        BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), to + size, size) != size)
        fail_to("decode its own signature");
    return out;
}

} // namespace

struct SignatureVerifier::Prepared {
    KeyContext context;
    std::string order; // of the curve
    std::size_t size;  // of a signature
};

SignatureVerifier::SignatureVerifier(Algorithm algorithm, Key key)
    : traits_(traits_of(algorithm)), key_(std::move(key)) {}

bool SignatureVerifier::verify(std::string_view input, std::string_view signature) const {
    const ErrorMark mark;
    const bool ecdsa = traits_.family == Family::ecdsa;
    std::call_once(once_, [&] {
        prepared_ = std::make_shared<Prepared>(
            Prepared{prepare(*key_, traits_), ecdsa ? ec_order(*key_, traits_.coordinate_size) : "",
                     ecdsa ? 2 * traits_.coordinate_size
                           : static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()))});
    });
    if (signature.size() != prepared_->size)
        return false;
    std::string der;
    if (ecdsa) {
        const auto r = signature.substr(0, traits_.coordinate_size);
        const auto s = signature.substr(traits_.coordinate_size);
        if (!in_range(r, prepared_->order) || !in_range(s, prepared_->order))
            return false;
        der = to_der(r, s);
        signature = der;
    }
    const Hash hash(input, traits_.hash_size);
    const KeyContext context(EVP_PKEY_CTX_dup(prepared_->context.get()));
    if (context == nullptr)
        fail_to("check signatures");
    return EVP_PKEY_verify(context.get(), as_bytes(signature).data(), signature.size(),
                           hash.bytes.data(), hash.size) == 1;
}

struct MacVerifier::Prepared {
    MacContext context;
};

MacVerifier::MacVerifier(Algorithm algorithm, const Secret& secret)
    : traits_(traits_of(algorithm)), secret_(secret) {}

bool MacVerifier::verify(std::string_view input, std::string_view code) const {
    if (traits_.algorithm == Algorithm::hs256 && is_first())
        return equal_in_constant_time(hmac_sha256(secret_, input), code);
    std::call_once(once_, [&] {
        prepared_ = std::make_shared<Prepared>(Prepared{prepare(secret_, traits_)});
    });
    const MacContext context(EVP_MAC_CTX_dup(prepared_->context.get()));
    std::array<unsigned char, EVP_MAX_MD_SIZE> right{};
    std::size_t size = 0;
    if (context == nullptr ||
        EVP_MAC_update(context.get(), as_bytes(input).data(), input.size()) != 1 ||
        EVP_MAC_final(context.get(), right.data(), &size, right.size()) != 1)
        fail_to("check authentication codes");
    return equal_in_constant_time(as_text(std::span(right).first(size)), code);
}

std::string sign(EVP_PKEY& key, Algorithm algorithm, std::string_view input) {
    const auto& traits = traits_of(algorithm);
    const DigestContext context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* options = nullptr;
    const EVP_MD* digest = digest_of(traits.hash_size);
    if (context == nullptr ||
        EVP_DigestSignInit(context.get(), &options, digest, nullptr, &key) <= 0)
        fail_to("sign");
    if (traits.family == Family::rsa_pss)
        use_pss(options, digest);
    std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(&key)), '\0');
    std::size_t size = signature.size();
    if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       as_bytes(input).data(), input.size()) <= 0)
        fail_to("sign");
    signature.resize(size);
    return traits.family == Family::ecdsa ? from_der(signature, traits.coordinate_size) : signature;
}

} // namespace auth::openssl
