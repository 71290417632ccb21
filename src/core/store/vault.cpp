#include "core/store/vault.h"

#include "core/base/broken.h"
#include "core/base/digest.h"
#include "core/base/encoding.h"
#include "core/base/private_file.h"
#include "core/store/broken_database.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <memory>

namespace auth {
namespace {

constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;
constexpr char version = 1;

constexpr auto all_purposes = std::to_array<MacPurpose>(
    {MacPurpose::address, MacPurpose::code, MacPurpose::refresh, MacPurpose::link,
     MacPurpose::recovery_code, MacPurpose::place, MacPurpose::applied, MacPurpose::archive});
constexpr SealedPlace place_of_mac_keys{"meta", "value", "kept_mac_keys"};

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

std::string check_value(const Secret& key, const std::string& database_id) {
    return to_hex(hkdf_sha256(key, database_id, "check", 16).reveal());
}

// Under another name first: a key cut short would lock the database permanently.
Status publish_key(const std::filesystem::path& key_path, const Secret& key, Random& random) {
    const auto fresh = key_path.string() + "." + to_hex(random_bytes(random, 8).reveal());
    AUTH_CHECK(create_private_file(fresh, key.reveal()));
    return publish_private_file(fresh, key_path);
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
    case MacPurpose::archive:
        return "mac archive";
    case MacPurpose::place:
        return "mac place";
    }
    return {};
}

} // namespace

bool outlives_rekey(MacPurpose purpose) {
    return purpose == MacPurpose::recovery_code || purpose == MacPurpose::applied ||
           purpose == MacPurpose::archive;
}

Vault::Vault(KeySource source, std::string database_id, std::string check)
    : source_(std::move(source)), database_id_(std::move(database_id)), check_(std::move(check)),
      key_path_(source_.file()) {}

Vault::Vault(KeySource source, const meta_table::Meta& meta)
    : Vault(std::move(source), meta.database_id, meta.key_check) {
    sealed_mac_keys_ = meta.kept_mac_keys;
    rekeyed_at_ = meta.rekeyed_at;
}

Status Vault::make_key(const std::filesystem::path& key_path, Random& random) {
    AUTH_TRY(const bool present, check_private_file("key file", key_path));
    if (!present) {
        Status made = publish_key(key_path, random_bytes(random, key_size), random);
        if (made || made.error().code != ErrorCode::exists)
            return made;
    }
    AUTH_CHECK(KeySource(key_path).read());
    return {};
}

Status Vault::write_key(const std::filesystem::path& key_path, const Secret& key, Random& random) {
    Status made = publish_key(key_path, key, random);
    if (made || made.error().code != ErrorCode::exists)
        return made;
    AUTH_TRY(const Secret present, KeySource(key_path).read());
    return equal_in_constant_time(present.reveal(), key.reveal()) ? Status() : made;
}

Result<std::string> Vault::key_check(const KeySource& source, const std::string& database_id) {
    AUTH_TRY(const Secret key, source.read());
    return check_value(key, database_id);
}

bool Vault::fits(const Secret& key) const {
    return equal_in_constant_time(check_value(key, database_id_), check_);
}

Status Vault::adopt(Secret key) const {
    master_ = std::move(key);
    if (sealed_mac_keys_.empty())
        return {};
    AUTH_TRY(Secret kept, unseal(place_of_mac_keys, sealed_mac_keys_));
    kept_mac_keys_ = std::move(kept);
    return {};
}

Error Vault::mismatch() const {
    if (!rekeyed_at_)
        return error(ErrorCode::key_mismatch, source_.name() + " belongs to another database")
            .with_hint("name the right one with --key-file");
    return error(ErrorCode::key_mismatch,
                 fmt::format("{} does not match: the database got a new key on {}", source_.name(),
                             to_rfc3339(*rekeyed_at_).substr(0, 10)))
        .with_hint("copy the new key file from the machine where 'db rekey' ran, or name it with"
                   " --key-file");
}

Status Vault::require_key() const {
    if (master_)
        return {};
    auto key = source_.read();
    if (key && fits(*key))
        return adopt(*std::move(key));
    if (!key && key.error().code != ErrorCode::key_mismatch)
        return fail(std::move(key).error());
    if (source_.is_file())
        for (const auto& file : {next_key_file(source_.file()), old_key_file(source_.file())})
            if (auto other = KeySource(file).read(); other && fits(*other)) {
                key_path_ = file;
                return adopt(*std::move(other));
            }
    return fail(key ? mismatch() : std::move(key).error());
}

std::string Vault::key_name() const {
    return source_.is_file() ? key_path_.string() : source_.name();
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

Secret Vault::mac_key(MacPurpose purpose) const {
    const Secret& key = master();
    if (!kept_mac_keys_ || !outlives_rekey(purpose))
        return hkdf_sha256(key, database_id_, label_of(purpose), key_size);
    std::size_t at = 0;
    for (const MacPurpose each : all_purposes)
        if (each < purpose && outlives_rekey(each))
            at += key_size;
    // An earlier version kept fewer of them when it changed the key.
    if (at == kept_mac_keys_->size())
        return hkdf_sha256(key, database_id_, label_of(purpose), key_size);
    return Secret(kept_mac_keys_->reveal().substr(at, key_size));
}

std::string Vault::keep_mac_keys(const Vault& old, Random& random) const {
    Secret kept;
    for (const MacPurpose purpose : all_purposes)
        if (outlives_rekey(purpose))
            kept.append(old.mac_key(purpose).reveal());
    return seal(place_of_mac_keys, kept.reveal(), random);
}

std::string Vault::mac(MacPurpose purpose, std::string_view value) const {
    return hmac_sha256(mac_key(purpose), value);
}

} // namespace auth
