#include "core/base/digest.h"

#include "core/base/broken.h"
#include "core/base/encoding.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <sodium.h>

#include <array>
#include <memory>

namespace auth {
namespace {

struct Digest {
    std::string_view name;
    std::size_t size;
    const EVP_MD* (*algorithm)();
};

constexpr Digest digests[] = {
    {"md5", 16, EVP_md5},       {"sha1", 20, EVP_sha1},     {"sha224", 28, EVP_sha224},
    {"sha256", 32, EVP_sha256}, {"sha384", 48, EVP_sha384}, {"sha512", 64, EVP_sha512},
};

const Digest* find_digest(std::string_view name) {
    for (const Digest& digest : digests)
        if (digest.name == name)
            return &digest;
    return nullptr;
}

const Digest& known_digest(std::string_view name) {
    if (const Digest* const found = find_digest(name))
        return *found;
    bug("no such digest");
}

} // namespace

// By libsodium: the first use of a digest through OpenSSL costs a start-up half a millisecond.
std::string sha256(std::string_view bytes) {
    std::string out(crypto_hash_sha256_BYTES, '\0');
    crypto_hash_sha256(reinterpret_cast<unsigned char*>(out.data()), as_bytes(bytes).data(),
                       bytes.size());
    return out;
}

struct Sha256::State {
    std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> digest{EVP_MD_fetch(nullptr, "SHA256", nullptr),
                                                           EVP_MD_free};
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(),
                                                                    EVP_MD_CTX_free};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

std::string Sha256::operator()(std::string_view bytes) {
    std::string out(32, '\0');
    if (EVP_DigestInit_ex2(state_->context.get(), state_->digest.get(), nullptr) <= 0 ||
        EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) <= 0 ||
        EVP_DigestFinal_ex(state_->context.get(), reinterpret_cast<unsigned char*>(out.data()),
                           nullptr) <= 0)
        broken_machine("OpenSSL could not compute a digest");
    return out;
}

struct Sha256Stream::State {
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(),
                                                                    EVP_MD_CTX_free};
};

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) {
    if (EVP_DigestInit_ex2(state_->context.get(), EVP_sha256(), nullptr) <= 0)
        broken_machine("OpenSSL could not start a digest");
}
Sha256Stream::~Sha256Stream() = default;
Sha256Stream::Sha256Stream(Sha256Stream&&) noexcept = default;
Sha256Stream& Sha256Stream::operator=(Sha256Stream&&) noexcept = default;

void Sha256Stream::add(std::string_view bytes) {
    if (EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) <= 0)
        broken_machine("OpenSSL could not compute a digest");
}

std::string Sha256Stream::finish() {
    std::string out(32, '\0');
    if (EVP_DigestFinal_ex(state_->context.get(), reinterpret_cast<unsigned char*>(out.data()),
                           nullptr) <= 0)
        broken_machine("OpenSSL could not compute a digest");
    return out;
}

std::string hmac_sha256(const Secret& key, std::string_view bytes) {
    std::string out(crypto_auth_hmacsha256_BYTES, '\0');
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, key.bytes().data(), key.size());
    crypto_auth_hmacsha256_update(&state, as_bytes(bytes).data(), bytes.size());
    crypto_auth_hmacsha256_final(&state, reinterpret_cast<unsigned char*>(out.data()));
    OPENSSL_cleanse(&state, sizeof state);
    return out;
}

Secret hkdf_sha256(const Secret& key, std::string_view salt, std::string_view info,
                   std::size_t length) {
    const std::unique_ptr<EVP_KDF, decltype(&EVP_KDF_free)> kdf(
        EVP_KDF_fetch(nullptr, "HKDF", nullptr), EVP_KDF_free);
    const std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)> context(
        EVP_KDF_CTX_new(kdf.get()), EVP_KDF_CTX_free);
    std::string digest = "SHA256";
    const auto octets = [](const char* name, std::string_view bytes) {
        return OSSL_PARAM_construct_octet_string(name, const_cast<char*>(bytes.data()),
                                                 bytes.size());
    };
    const std::array<OSSL_PARAM, 5> parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), digest.size()),
        octets(OSSL_KDF_PARAM_KEY, key.reveal()), octets(OSSL_KDF_PARAM_SALT, salt),
        octets(OSSL_KDF_PARAM_INFO, info), OSSL_PARAM_construct_end()};
    Secret out(length);
    if (context == nullptr ||
        EVP_KDF_derive(context.get(), out.writable().data(), length, parameters.data()) <= 0)
        broken_machine("OpenSSL could not derive a key");
    return out;
}

std::size_t digest_size(std::string_view name) {
    const Digest* const found = find_digest(name);
    return found == nullptr ? 0 : found->size;
}

Secret digest(std::string_view name, std::string_view bytes) {
    const Digest& wanted = known_digest(name);
    Secret out(wanted.size);
    if (EVP_Digest(bytes.data(), bytes.size(), out.writable().data(), nullptr, wanted.algorithm(),
                   nullptr) != 1)
        broken_machine("OpenSSL could not compute a digest");
    return out;
}

Secret hmac(std::string_view name, std::string_view key, std::string_view bytes) {
    const Digest& wanted = known_digest(name);
    Secret out(wanted.size);
    if (HMAC(wanted.algorithm(), key.data(), static_cast<int>(key.size()), as_bytes(bytes).data(),
             bytes.size(), out.writable().data(), nullptr) == nullptr)
        broken_machine("OpenSSL could not compute a MAC");
    return out;
}

Secret pbkdf2(std::string_view name, std::string_view password, std::string_view salt,
              std::uint32_t rounds, std::size_t length) {
    Secret out(length);
    if (PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), as_bytes(salt).data(),
                          static_cast<int>(salt.size()), static_cast<int>(rounds),
                          known_digest(name).algorithm(), static_cast<int>(length),
                          out.writable().data()) != 1)
        broken_machine("OpenSSL could not derive a key");
    return out;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace auth
