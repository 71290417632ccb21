#include "core/base/digest.h"

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
#include <stdexcept>

namespace auth {

// By libsodium: the first use of a digest through OpenSSL costs a start-up half a millisecond.
std::string sha256(std::string_view bytes) {
    std::string out(crypto_hash_sha256_BYTES, '\0');
    crypto_hash_sha256(reinterpret_cast<unsigned char*>(out.data()), as_bytes(bytes).data(),
                       bytes.size());
    return out;
}

namespace {

const EVP_MD* openssl_digest(HashFunction function) {
    switch (function) {
    case HashFunction::sha1:
        return EVP_sha1();
    case HashFunction::sha256:
        return EVP_sha256();
    case HashFunction::sha512:
        return EVP_sha512();
    }
    return nullptr;
}

} // namespace

Secret hmac(HashFunction function, const Secret& key, std::string_view bytes) {
    const EVP_MD* digest = openssl_digest(function);
    Secret out(static_cast<std::size_t>(EVP_MD_get_size(digest)));
    unsigned length = 0;
    if (HMAC(digest, key.bytes().data(), static_cast<int>(key.size()), as_bytes(bytes).data(),
             bytes.size(), out.writable().data(), &length) == nullptr ||
        length != out.size())
        throw std::runtime_error("OpenSSL could not compute an HMAC");
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
        throw std::runtime_error("OpenSSL could not derive a key");
    return out;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace auth
