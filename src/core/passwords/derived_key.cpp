// Keys derived from passwords: PBKDF2 (RFC 8018) by OpenSSL, scrypt (RFC 7914) by libsodium, and
// Firebase's use of scrypt.
#include "core/base/broken.h"
#include "core/base/digest.h"
#include "core/base/encoding.h"
#include "core/base/sodium.h"
#include "core/passwords/forms.h"
#include "core/passwords/scheme.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>
#include <optional>

namespace auth {
namespace {

// A shorter key could be found by chance.
constexpr std::size_t least_key = 16;
constexpr std::size_t most_key = 128;

struct SaltAndKey {
    std::string salt;
    std::string key;
};

// "SALT$KEY" at the end of a hash.
std::optional<SaltAndKey> parse_tail(std::string_view text) {
    const auto salt = from_unpadded_base64(take_until(text, '$'));
    const auto key = from_unpadded_base64(text);
    if (!salt || !key || key->size() < least_key || key->size() > most_key)
        return std::nullopt;
    return SaltAndKey{*salt, *key};
}

struct Pbkdf2 {
    std::string digest;
    std::uint32_t rounds = 0;
    SaltAndKey tail;
};

std::optional<Pbkdf2> parse_pbkdf2(std::string_view hash) {
    Pbkdf2 out;
    std::uint32_t length = 0;
    if (!take(hash, "$pbkdf2-"))
        return std::nullopt;
    out.digest = take_until(hash, '$');
    if (digest_size(out.digest) == 0 || out.digest == "md5" || !take(hash, "i=") ||
        !take_number(hash, out.rounds) || out.rounds == 0 || !take(hash, ",l=") ||
        !take_number(hash, length) || !take(hash, "$"))
        return std::nullopt;
    auto tail = parse_tail(hash);
    if (!tail || tail->key.size() != length)
        return std::nullopt;
    out.tail = *std::move(tail);
    return out;
}

// OWASP's minimum of rounds.
std::uint32_t strong_rounds(std::string_view digest) {
    if (digest == "sha1")
        return 1'300'000;
    return digest == "sha384" || digest == "sha512" ? 210'000 : 600'000;
}

Result<HashInfo> inspect_pbkdf2(std::string_view hash) {
    constexpr std::uint32_t most_rounds = 10'000'000;
    constexpr std::uint32_t fair_rounds = 10'000;
    const auto found = parse_pbkdf2(hash);
    if (!found)
        return fail(malformed_hash("PBKDF2"));
    HashInfo info{"pbkdf2-" + found->digest, fmt::format("{} rounds", found->rounds)};
    if (found->rounds > most_rounds)
        return fail(hash_too_costly(info.scheme, info.cost, "10000000 rounds"));
    info.strength = found->rounds >= strong_rounds(found->digest) ? HashStrength::strong
                    : found->rounds >= fair_rounds                ? HashStrength::fair
                                                                  : HashStrength::weak;
    info.work = {fmt::format("$pbkdf2-{}$", found->digest), found->rounds, found->rounds / 2};
    return info;
}

// The blocks of a long key do not depend on each other, and one is as hard to guess as all: only
// whoever has the password must pay for more.
bool matches_pbkdf2(std::string_view password, const std::string& hash) {
    const Pbkdf2 found = *parse_pbkdf2(hash);
    const std::string_view key =
        std::string_view(found.tail.key).substr(0, digest_size(found.digest));
    return equal_in_constant_time(
        pbkdf2(found.digest, password, found.tail.salt, found.rounds, key.size()).reveal(), key);
}

std::vector<std::string> pbkdf2_dummies(std::string_view unit, std::uint64_t amount) {
    if (!take(unit, "$pbkdf2-"))
        return {};
    const std::string_view digest = take_until(unit, '$');
    return {pbkdf2_hash(digest, static_cast<std::uint32_t>(amount), dummy_salt(),
                        dummy_tag(digest_size(digest)))};
}

struct Scrypt {
    std::uint32_t log2_n = 0;
    std::uint32_t r = 0;
    std::uint32_t p = 1;
    SaltAndKey tail;
};

std::optional<Scrypt> parse_scrypt(std::string_view hash, std::string_view prefix, bool with_p) {
    Scrypt out;
    if (!take(hash, prefix) || !take(hash, "ln=") || !take_number(hash, out.log2_n) ||
        !take(hash, ",r=") || !take_number(hash, out.r) ||
        (with_p && (!take(hash, ",p=") || !take_number(hash, out.p))) || !take(hash, "$"))
        return std::nullopt;
    auto tail = parse_tail(hash);
    // RFC 7914 section 2: N is less than 2^(128 r / 8).
    if (!tail || out.log2_n == 0 || out.log2_n >= 64 || out.r == 0 || out.p == 0 ||
        out.log2_n >= 16 * std::uint64_t{out.r})
        return std::nullopt;
    out.tail = *std::move(tail);
    return out;
}

// OWASP: N 2^17 with r=8 and p=1, or half of N and more lanes.
bool is_strong(const Scrypt& found) {
    constexpr std::pair<std::uint32_t, std::uint32_t> choices[] = {
        {17, 1}, {16, 2}, {15, 3}, {14, 5}, {13, 10}};
    return found.r >= 8 && std::ranges::any_of(choices, [&](const auto& choice) {
               return found.log2_n >= choice.first && found.p >= choice.second;
           });
}

Result<HashInfo> judge_scrypt(const std::optional<Scrypt>& found, std::string scheme) {
    constexpr std::uint32_t fair_bytes = 1U << 20U;
    if (!found)
        return fail(malformed_hash(scheme));
    HashInfo info{std::move(scheme),
                  fmt::format("N=2^{}, r={}, p={}", found->log2_n, found->r, found->p)};
    if (found->log2_n > 17 || found->r > 8 || found->p > 10)
        return fail(hash_too_costly(info.scheme, info.cost, "N=2^17, r=8 and p=10"));
    const std::uint64_t bytes = (std::uint64_t{128} << found->log2_n) * found->r;
    info.strength = bytes < fair_bytes  ? HashStrength::weak
                    : is_strong(*found) ? HashStrength::strong
                                        : HashStrength::fair;
    info.work = {fmt::format("$scrypt$ln={},r={},p={}$", found->log2_n, found->r, found->p), 1,
                 bytes * found->p / 500};
    info.memory_kib = bytes / 1024;
    return info;
}

std::optional<Scrypt> parse_plain(std::string_view hash) {
    return parse_scrypt(hash, "$scrypt$", true);
}

std::optional<Scrypt> parse_firebase(std::string_view hash) {
    return parse_scrypt(hash, "$firebase-scrypt$", false);
}

Secret derive(std::string_view password, const Scrypt& cost, std::size_t length) {
    start_sodium();
    Secret key(length);
    if (crypto_pwhash_scryptsalsa208sha256_ll(
            as_bytes(password).data(), password.size(), as_bytes(cost.tail.salt).data(),
            cost.tail.salt.size(), std::uint64_t{1} << cost.log2_n, cost.r, cost.p,
            key.writable().data(), key.size()) != 0)
        out_of_memory();
    return key;
}

bool matches_scrypt(std::string_view password, const std::string& hash) {
    const Scrypt found = *parse_plain(hash);
    return equal_in_constant_time(derive(password, found, found.tail.key.size()).reveal(),
                                  found.tail.key);
}

// AES-256 in counter mode, the counter starting at zero.
Secret key_stream(const Secret& key, std::size_t length) {
    constexpr std::array<unsigned char, 16> zero{};
    const Secret plain(length);
    Secret out(length);
    const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
        EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    int written = 0;
    if (context == nullptr ||
        EVP_EncryptInit_ex(context.get(), EVP_aes_256_ctr(), nullptr, key.bytes().data(),
                           zero.data()) != 1 ||
        EVP_EncryptUpdate(context.get(), out.writable().data(), &written, plain.bytes().data(),
                          static_cast<int>(length)) != 1)
        broken_machine("OpenSSL could not encrypt");
    return out;
}

bool matches_firebase(std::string_view password, const std::string& hash) {
    const Scrypt found = *parse_firebase(hash);
    const Secret key = derive(password, found, 32);
    return equal_in_constant_time(key_stream(key, found.tail.key.size()).reveal(), found.tail.key);
}

std::vector<std::string> scrypt_dummies(std::string_view unit, std::uint64_t) {
    return {std::string(unit) + to_unpadded_base64(dummy_salt()) + '$' +
            to_unpadded_base64(dummy_tag(32))};
}

constexpr PasswordScheme derived_key_forms[] = {
    {"$pbkdf2-", inspect_pbkdf2, matches_pbkdf2, pbkdf2_dummies},
    {"$scrypt$", [](std::string_view hash) { return judge_scrypt(parse_plain(hash), "scrypt"); },
     matches_scrypt, scrypt_dummies},
    {"$firebase-scrypt$",
     [](std::string_view hash) { return judge_scrypt(parse_firebase(hash), "firebase-scrypt"); },
     matches_firebase},
};

} // namespace

std::span<const PasswordScheme> derived_key_schemes() {
    return derived_key_forms;
}

} // namespace auth
