// Hashes that other systems made, by libxcrypt's crypt(5).
#include "core/base/broken.h"
#include "core/base/digest.h"
#include "core/passwords/scheme.h"

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

Result<HashInfo> inspect_md5crypt(std::string_view hash) {
    if (!is_salt_and_digest(hash.substr(3), 8, 22))
        return fail(malformed_hash("md5crypt"));
    return HashInfo{"md5crypt", "1000 rounds", false, HashStrength::weak, {"$1$", 1, 200}};
}

Result<HashInfo> inspect_sha_crypt(std::string_view hash, std::string scheme,
                                   std::size_t digest_size) {
    constexpr std::uint32_t most_rounds = 10'000'000;
    constexpr std::uint32_t usual_rounds = 5000;
    std::uint32_t rounds = usual_rounds;
    std::string_view rest = hash.substr(3);
    if (take(rest, "rounds=") &&
        (!take_number(rest, rounds) || !take(rest, "$") || rounds < 1000 || rounds > 999'999'999))
        return fail(malformed_hash(scheme));
    if (!is_salt_and_digest(rest, 16, digest_size))
        return fail(malformed_hash(scheme));
    HashInfo info{std::move(scheme), fmt::format("{} rounds", rounds)};
    if (rounds > most_rounds)
        return fail(hash_too_costly(info.scheme, info.cost, "10000000 rounds"));
    info.strength = rounds < usual_rounds ? HashStrength::weak : HashStrength::fair;
    info.work = {std::string(hash.substr(0, 3)), rounds, std::uint64_t{rounds} * 2 / 5};
    return info;
}

HashInfo memory_hard(std::string scheme, std::size_t log2_n, std::size_t r, std::size_t p) {
    constexpr std::size_t fair_bytes = 1U << 20U; // crypt_gensalt starts at 1 MiB
    constexpr std::size_t strong_bytes = 16U << 20U;
    const std::size_t bytes = (std::size_t{128} << log2_n) * r;
    HashInfo info{std::move(scheme), fmt::format("N=2^{}, r={}", log2_n, r)};
    if (p > 1)
        info.cost += fmt::format(", p={}", p);
    info.strength = bytes < fair_bytes      ? HashStrength::weak
                    : bytes >= strong_bytes ? HashStrength::strong
                                            : HashStrength::fair;
    info.work.amount = 1;
    info.work.microseconds = bytes * p / 500;
    info.memory_kib = bytes / 1024;
    return info;
}

constexpr std::size_t most_log2_n = 17;
constexpr std::size_t most_r = 32;
constexpr std::size_t most_p = 10;

// "$y$" and three numbers of one character each: flavour, log2 N and r. Larger numbers take more
// characters and optional parameters follow them; crypt_gensalt makes neither.
Result<HashInfo> inspect_yescrypt(std::string_view hash) {
    constexpr std::size_t one_character = 48;
    if (hash.size() < 7 || hash[3] != 'j' || hash[6] != '$' ||
        !is_salt_and_digest(hash.substr(7), 86, 43))
        return fail(malformed_hash("yescrypt"));
    const std::size_t n_code = crypt_alphabet.find(hash[4]);
    const std::size_t r_code = crypt_alphabet.find(hash[5]);
    if (n_code >= one_character || r_code >= one_character)
        return fail(malformed_hash("yescrypt"));
    const std::size_t log2_n = n_code + 1;
    const std::size_t r = r_code + 1;
    if (log2_n > most_log2_n || r > most_r)
        return fail(
            hash_too_costly("yescrypt", fmt::format("N=2^{}, r={}", log2_n, r), "N=2^17 and r=32"));
    HashInfo info = memory_hard("yescrypt", log2_n, r, 1);
    info.work.unit = hash.substr(0, 7);
    return info;
}

// Thirty bits in five characters, the lowest six first.
std::size_t thirty_bits(std::string_view text) {
    std::size_t value = 0;
    for (std::size_t i = text.size(); i-- > 0;)
        value = value << 6U | crypt_alphabet.find(text[i]);
    return value;
}

// "$7$", log2 N in one character, r and p in five each, then salt, "$" and digest.
Result<HashInfo> inspect_scrypt(std::string_view hash) {
    constexpr std::size_t head_size = 14;
    if (hash.size() < head_size || !is_crypt_base64(hash.substr(3, head_size - 3)) ||
        !is_salt_and_digest(hash.substr(head_size), 86, 43))
        return fail(malformed_hash("scrypt"));
    const std::size_t log2_n = crypt_alphabet.find(hash[3]);
    const std::size_t r = thirty_bits(hash.substr(4, 5));
    const std::size_t p = thirty_bits(hash.substr(9, 5));
    if (log2_n < 1 || r < 1 || p < 1)
        return fail(malformed_hash("scrypt"));
    if (log2_n > most_log2_n || r > most_r || p > most_p)
        return fail(hash_too_costly("scrypt", fmt::format("N=2^{}, r={}, p={}", log2_n, r, p),
                                    "N=2^17, r=32 and p=10"));
    HashInfo info = memory_hard("scrypt", log2_n, r, p);
    info.work.unit = hash.substr(0, head_size);
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
        out_of_memory();
    const std::string result = made == nullptr ? std::string() : std::string(made);
    wipe({reinterpret_cast<char*>(data.get()), sizeof(crypt_data)});
    return readable && result.size() > digest_size &&
           equal_in_constant_time(std::string_view(result).substr(result.size() - digest_size),
                                  std::string_view(hash).substr(hash.size() - digest_size));
}

constexpr std::size_t bcrypt_digest = 31;

// DES crypt: two characters of salt and eleven of digest, of the first eight bytes of a password.
// Stored behind the word that directories use, since nothing in the hash itself tells what it is.
constexpr std::string_view des_prefix = "{CRYPT}";
constexpr std::size_t des_digest = 11;

Result<HashInfo> inspect_des_crypt(std::string_view hash) {
    if (!is_des_crypt(hash.substr(des_prefix.size())))
        return fail(malformed_hash("DES crypt"));
    return HashInfo{"descrypt", "25 rounds, 8 bytes"};
}

bool matches_des_crypt(std::string_view password, const std::string& hash) {
    return matches_crypt<crypt_bytes, des_digest>(password, hash.substr(des_prefix.size()));
}

std::string crypt_dummy(std::string_view head, std::size_t digest_size) {
    return fmt::format("{}nobodys.$", head) + std::string(digest_size, '.');
}

template <std::size_t digest_size>
std::vector<std::string> dummy_of_unit(std::string_view unit, std::uint64_t) {
    return {crypt_dummy(unit, digest_size)};
}

template <std::size_t digest_size>
std::vector<std::string> sha_crypt_dummies(std::string_view unit, std::uint64_t rounds) {
    return {crypt_dummy(fmt::format("{}rounds={}$", unit, std::max(rounds, std::uint64_t{1000})),
                        digest_size)};
}

// One for every bit of the amount: a cost of n is 2^n.
std::vector<std::string> bcrypt_dummies(std::string_view, std::uint64_t amount) {
    constexpr unsigned cheapest = 4;
    constexpr unsigned dearest = 31;
    std::vector<std::string> out;
    for (unsigned cost = dearest; cost >= cheapest; --cost)
        if ((amount >> cost & 1U) != 0)
            out.push_back(fmt::format("$2b${:02}$", cost) + std::string(53, '.'));
    return out;
}

Result<HashInfo> inspect_plain_bcrypt(std::string_view hash) {
    return inspect_bcrypt(hash, "bcrypt");
}

constexpr PasswordScheme crypt_forms[] = {
    {"$2b$", inspect_plain_bcrypt, matches_bcrypt, bcrypt_dummies},
    {"$2a$", inspect_plain_bcrypt, matches_bcrypt},
    {"$2y$", inspect_plain_bcrypt, matches_bcrypt},
    {"$y$", inspect_yescrypt, matches_crypt<crypt_bytes, 43>, dummy_of_unit<43>},
    {"$7$", inspect_scrypt, matches_crypt<crypt_bytes, 43>, dummy_of_unit<43>},
    {"$6$", [](std::string_view hash) { return inspect_sha_crypt(hash, "sha512crypt", 86); },
     matches_crypt<crypt_bytes, 86>, sha_crypt_dummies<86>},
    {"$5$", [](std::string_view hash) { return inspect_sha_crypt(hash, "sha256crypt", 43); },
     matches_crypt<crypt_bytes, 43>, sha_crypt_dummies<43>},
    {"$1$", inspect_md5crypt, matches_crypt<crypt_bytes, 22>, dummy_of_unit<22>},
    {des_prefix, inspect_des_crypt, matches_des_crypt},
};

} // namespace

bool is_crypt_base64(std::string_view text) {
    return text.find_first_not_of(crypt_alphabet) == std::string_view::npos;
}

bool is_des_crypt(std::string_view text) {
    constexpr std::size_t salt_size = 2;
    return text.size() == salt_size + des_digest && is_crypt_base64(text);
}

Result<HashInfo> inspect_bcrypt(std::string_view hash, std::string scheme) {
    constexpr std::uint32_t dearest = 15;
    constexpr std::uint32_t strong_from = 10; // OWASP
    // htpasswd and mkpasswd make cost 5 unless told otherwise.
    constexpr std::uint32_t fair_from = 6;
    // "$2b$NN$", 22 characters of salt, 31 of digest.
    if (hash.size() != 60 || std::string_view("aby").find(hash[2]) == std::string_view::npos ||
        hash[3] != '$' || hash[6] != '$' || !is_crypt_base64(hash.substr(7)) || hash[4] < '0' ||
        hash[4] > '3' || hash[5] < '0' || hash[5] > '9')
        return fail(malformed_hash(scheme));
    const auto cost = static_cast<std::uint32_t>((hash[4] - '0') * 10 + (hash[5] - '0'));
    if (cost < 4 || cost > 31)
        return fail(malformed_hash(scheme));
    HashInfo info{std::move(scheme), fmt::format("cost {}", cost)};
    if (cost > dearest)
        return fail(hash_too_costly(info.scheme, info.cost, "cost 15"));
    info.strength = cost < fair_from      ? HashStrength::weak
                    : cost >= strong_from ? HashStrength::strong
                                          : HashStrength::fair;
    info.work = {"$2b$", std::uint64_t{1} << cost, std::uint64_t{50} << cost};
    return info;
}

bool matches_bcrypt(std::string_view password, const std::string& hash) {
    const bool ends_early = password.find('\0') != std::string_view::npos;
    return matches_crypt<crypt_bytes, bcrypt_digest>(
        ends_early ? password : password.substr(0, bcrypt_bytes), hash);
}

std::span<const PasswordScheme> crypt_schemes() {
    return crypt_forms;
}

} // namespace auth
