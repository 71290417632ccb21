// Hashes that other systems made, by libxcrypt's crypt(5).
#include "core/accounts/password_scheme.h"
#include "core/base/digest.h"

#include <crypt.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <new>

namespace auth {
namespace {

constexpr std::size_t bcrypt_bytes = 72;
constexpr std::size_t crypt_bytes = CRYPT_MAX_PASSPHRASE_SIZE - 1;

// crypt's base 64, in the order of its values.
constexpr std::string_view crypt_alphabet =
    "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

bool is_crypt_base64(std::string_view text) {
    return text.find_first_not_of(crypt_alphabet) == std::string_view::npos;
}

// libxcrypt's rule for what may stand in a salt.
bool is_salt(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return c > ' ' && c <= '~' && std::string_view("$:;*!\\").find(c) == std::string_view::npos;
    });
}

// "SALT$DIGEST" at the end of a hash.
bool is_salt_and_digest(std::string_view text, std::size_t most_salt, std::size_t digest_size) {
    const std::size_t dollar = text.find('$');
    return dollar != std::string_view::npos && dollar <= most_salt &&
           is_salt(text.substr(0, dollar)) && text.size() - dollar - 1 == digest_size &&
           is_crypt_base64(text.substr(dollar + 1));
}

Result<HashInfo> inspect_bcrypt(std::string_view hash) {
    constexpr std::uint32_t dearest = 15;
    // The cheapest bcrypt allows is 4; only test suites go below 6.
    constexpr std::uint32_t cheapest_in_use = 6;
    // "$2b$NN$", 22 characters of salt, 31 of digest.
    if (hash.size() != 60 || hash[6] != '$' || !is_crypt_base64(hash.substr(7)) || hash[4] < '0' ||
        hash[4] > '3' || hash[5] < '0' || hash[5] > '9')
        return fail(malformed_hash("bcrypt"));
    const auto cost = static_cast<std::uint32_t>((hash[4] - '0') * 10 + (hash[5] - '0'));
    if (cost < 4 || cost > 31)
        return fail(malformed_hash("bcrypt"));
    HashInfo info{"bcrypt", fmt::format("cost {}", cost), cost < cheapest_in_use};
    if (cost > dearest)
        return fail(hash_too_costly(info.scheme, info.cost, "cost 15"));
    return info;
}

Result<HashInfo> inspect_md5crypt(std::string_view hash) {
    if (!is_salt_and_digest(hash.substr(3), 8, 22))
        return fail(malformed_hash("md5crypt"));
    return HashInfo{"md5crypt", "1000 rounds", false};
}

Result<HashInfo> inspect_sha_crypt(std::string_view hash, std::string scheme,
                                   std::size_t digest_size) {
    constexpr std::uint32_t most_rounds = 10'000'000;
    std::uint32_t rounds = 5000;
    std::string_view rest = hash.substr(3);
    if (take(rest, "rounds=") &&
        (!take_number(rest, rounds) || !take(rest, "$") || rounds < 1000 || rounds > 999'999'999))
        return fail(malformed_hash(scheme));
    if (!is_salt_and_digest(rest, 16, digest_size))
        return fail(malformed_hash(scheme));
    HashInfo info{std::move(scheme), fmt::format("{} rounds", rounds), false};
    if (rounds > most_rounds)
        return fail(hash_too_costly(info.scheme, info.cost, "10000000 rounds"));
    return info;
}

// "$y$" and three numbers of one character each: flavour, log2 N and r. Larger numbers take more
// characters and optional parameters follow them; crypt_gensalt makes neither.
Result<HashInfo> inspect_yescrypt(std::string_view hash) {
    constexpr std::size_t one_character = 48;
    constexpr std::size_t most_log2_n = 17;
    constexpr std::size_t most_r = 32;
    constexpr std::size_t test_bytes = 1U << 20U; // crypt_gensalt starts at 1 MiB
    if (hash.size() < 7 || hash[3] != 'j' || hash[6] != '$' ||
        !is_salt_and_digest(hash.substr(7), 86, 43))
        return fail(malformed_hash("yescrypt"));
    const std::size_t n_code = crypt_alphabet.find(hash[4]);
    const std::size_t r_code = crypt_alphabet.find(hash[5]);
    if (n_code >= one_character || r_code >= one_character)
        return fail(malformed_hash("yescrypt"));
    const std::size_t log2_n = n_code + 1;
    const std::size_t r = r_code + 1;
    HashInfo info{"yescrypt", fmt::format("N=2^{}, r={}", log2_n, r), false};
    if (log2_n > most_log2_n || r > most_r)
        return fail(hash_too_costly(info.scheme, info.cost, "N=2^17 and r=32"));
    info.test_cost = (std::size_t{128} << log2_n) * r < test_bytes;
    return info;
}

// Compares digests only: a salt may have more than one spelling. `most_bytes` is what the scheme
// reads of a password; a longer one is hashed all the same, for its time, and then refused.
template <std::size_t most_bytes, std::size_t digest_size>
bool matches_crypt(std::string_view password, const std::string& hash) {
    const bool readable =
        password.size() <= most_bytes && password.find('\0') == std::string_view::npos;
    Secret phrase(readable ? password : std::string_view("x"));
    phrase.append(std::string_view("\0", 1));

    const auto data = std::make_unique<crypt_data>();
    errno = 0;
    const char* const made = ::crypt_rn(phrase.reveal().data(), hash.c_str(), data.get(),
                                        static_cast<int>(sizeof(crypt_data)));
    if (made == nullptr && errno == ENOMEM)
        throw std::bad_alloc();
    const std::string result = made == nullptr ? std::string() : std::string(made);
    wipe({reinterpret_cast<char*>(data.get()), sizeof(crypt_data)});
    return readable && result.size() > digest_size &&
           equal_in_constant_time(std::string_view(result).substr(result.size() - digest_size),
                                  std::string_view(hash).substr(hash.size() - digest_size));
}

constexpr auto matches_bcrypt = matches_crypt<bcrypt_bytes, 31>;

constexpr PasswordScheme schemes[] = {
    {"$2a$", inspect_bcrypt, matches_bcrypt},
    {"$2b$", inspect_bcrypt, matches_bcrypt},
    {"$2y$", inspect_bcrypt, matches_bcrypt},
    {"$y$", inspect_yescrypt, matches_crypt<crypt_bytes, 43>},
    {"$6$", [](std::string_view hash) { return inspect_sha_crypt(hash, "sha512crypt", 86); },
     matches_crypt<crypt_bytes, 86>},
    {"$5$", [](std::string_view hash) { return inspect_sha_crypt(hash, "sha256crypt", 43); },
     matches_crypt<crypt_bytes, 43>},
    {"$1$", inspect_md5crypt, matches_crypt<crypt_bytes, 22>},
};

} // namespace

std::span<const PasswordScheme> foreign_password_schemes() {
    return schemes;
}

} // namespace auth
