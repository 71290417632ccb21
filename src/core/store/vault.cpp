#include "core/store/vault.h"

#include "core/base/broken.h"
#include "core/base/digest.h"
#include "core/base/encoding.h"
#include "core/base/private_file.h"
#include "core/store/broken_database.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <memory>

namespace auth {
namespace {

constexpr std::size_t key_size = 32;
constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;
constexpr char version = 1;

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

Cipher start(bool encrypt, const Secret& key, std::string_view nonce, std::string_view place) {
    Cipher cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    int length = 0;
    if (cipher == nullptr ||
        EVP_CipherInit_ex2(cipher.get(), EVP_aes_256_gcm(), key.bytes().data(),
                           as_bytes(nonce).data(), encrypt ? 1 : 0, nullptr) != 1 ||
        EVP_CipherUpdate(cipher.get(), nullptr, &length, as_bytes(place).data(),
                         static_cast<int>(place.size())) != 1)
        broken_machine("OpenSSL could not start AES-256-GCM");
    return cipher;
}

// Lengths are part of the text, so that no two places give the same one.
std::string bound_text(const SealedPlace& place) {
    return fmt::format("{}:{}/{}:{}/{}:{}", place.table.size(), place.table, place.column.size(),
                       place.column, place.row.size(), place.row);
}

Result<Secret> read_key(const std::filesystem::path& path) {
    AUTH_TRY(auto key, read_private_file("key file", path));
    if (!key)
        return fail(ErrorCode::key_mismatch,
                    fmt::format("the key file '{}' is missing", path.string()),
                    "name it with --key-file");
    if (key->size() != key_size)
        return fail(ErrorCode::key_mismatch,
                    fmt::format("the key file '{}' does not hold 32 bytes", path.string()),
                    "name the right one with --key-file");
    return std::move(*key);
}

std::string check_value(const Secret& key, const std::string& database_id) {
    return to_hex(hkdf_sha256(key, database_id, "check", 16).reveal());
}

std::string_view label_of(MacPurpose purpose) {
    switch (purpose) {
    case MacPurpose::address:
        return "mac address";
    case MacPurpose::code:
        return "mac code";
    case MacPurpose::refresh:
        return "mac refresh";
    case MacPurpose::link:
        return "mac link";
    case MacPurpose::recovery_code:
        return "mac recovery code";
    case MacPurpose::applied:
        return "mac applied";
    case MacPurpose::place:
        return "mac place";
    }
    return {};
}

} // namespace

Vault::Vault(std::filesystem::path key_path, std::string database_id, std::string check)
    : key_path_(std::move(key_path)), database_id_(std::move(database_id)),
      check_(std::move(check)) {}

Status Vault::make_key(const std::filesystem::path& key_path, Random& random) {
    AUTH_TRY(const bool present, check_private_file("key file", key_path));
    if (!present) {
        const Secret key = random_bytes(random, key_size);
        // Under another name first: a key cut short would lock the database for ever.
        const auto fresh = key_path.string() + "." + to_hex(random_bytes(random, 8).reveal());
        AUTH_CHECK(create_private_file(fresh, key.reveal()));
        auto made = publish_private_file(fresh, key_path);
        if (made || made.error().code != ErrorCode::exists)
            return made;
    }
    AUTH_CHECK(read_key(key_path));
    return {};
}

Result<std::string> Vault::key_check(const std::filesystem::path& key_path,
                                     const std::string& database_id) {
    AUTH_TRY(const Secret key, read_key(key_path));
    return check_value(key, database_id);
}

Status Vault::require_key() const {
    if (master_)
        return {};
    AUTH_TRY(Secret key, read_key(key_path_));
    if (!equal_in_constant_time(check_value(key, database_id_), check_))
        return fail(
            ErrorCode::key_mismatch,
            fmt::format("the key file '{}' belongs to another database", key_path_.string()),
            "name the right one with --key-file");
    master_ = std::move(key);
    return {};
}

const Secret& Vault::master() const {
    if (auto read = require_key(); !read)
        broken_database(std::move(read).error());
    return *master_;
}

Secret Vault::derive(std::string_view label) const {
    return hkdf_sha256(master(), database_id_, label, key_size);
}

std::string Vault::seal(const SealedPlace& place, std::string_view value, Random& random) const {
    if (!sealing_key_)
        sealing_key_ = derive("seal");
    const Secret nonce = random_bytes(random, nonce_size);
    const Cipher cipher = start(true, *sealing_key_, nonce.reveal(), bound_text(place));
    std::string body(value.size(), '\0');
    std::string tag(tag_size, '\0');
    auto* out = reinterpret_cast<unsigned char*>(body.data());
    int length = 0;
    if (EVP_CipherUpdate(cipher.get(), out, &length, as_bytes(value).data(),
                         static_cast<int>(value.size())) != 1 ||
        EVP_CipherFinal_ex(cipher.get(), out + length, &length) != 1 ||
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, tag_size, tag.data()) != 1)
        broken_machine("OpenSSL could not seal a value");
    return std::string(1, version).append(nonce.reveal()).append(body).append(tag);
}

Result<Secret> Vault::unseal(const SealedPlace& place, std::string_view sealed) const {
    AUTH_CHECK(require_key());
    if (!sealing_key_)
        sealing_key_ = derive("seal");
    const auto damaged = [&] {
        return fail(ErrorCode::database_corrupt,
                    fmt::format("a sealed value of {}.{} was altered", place.table, place.column),
                    NextStep{"db check"});
    };
    if (sealed.size() < 1 + nonce_size + tag_size || sealed.front() != version)
        return damaged();
    const std::string_view nonce = sealed.substr(1, nonce_size);
    const std::string_view body =
        sealed.substr(1 + nonce_size, sealed.size() - 1 - nonce_size - tag_size);
    std::string tag(sealed.substr(sealed.size() - tag_size));

    const Cipher cipher = start(false, *sealing_key_, nonce, bound_text(place));
    Secret value(body.size());
    int length = 0;
    if (EVP_CipherUpdate(cipher.get(), value.writable().data(), &length, as_bytes(body).data(),
                         static_cast<int>(body.size())) != 1 ||
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, tag_size, tag.data()) != 1 ||
        EVP_CipherFinal_ex(cipher.get(), value.writable().data() + length, &length) != 1)
        return damaged();
    return value;
}

Secret Vault::open(const SealedPlace& place, std::string_view sealed) const {
    auto value = unseal(place, sealed);
    if (!value)
        broken_database(std::move(value).error());
    return *std::move(value);
}

std::string Vault::mac(MacPurpose purpose, std::string_view value) const {
    return hmac_sha256(derive(label_of(purpose)), value);
}

} // namespace auth
