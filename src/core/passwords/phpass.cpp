// phpass ("$P$": WordPress before 6.8, phpBB as "$H$", Joomla) and Drupal's "$S$", which is phpass
// with SHA-512: a digest of salt and password, then 2^COST times one of digest and password. The
// schedule is phpass's published one; every digest is OpenSSL's.
#include "core/base/digest.h"
#include "core/passwords/scheme.h"

#include <fmt/format.h>

#include <optional>

namespace auth {
namespace {

constexpr std::size_t prefix_size = 3;
constexpr std::size_t salt_size = 8;
constexpr std::size_t least_cost = 7; // phpass's own bounds are 7 and 30
constexpr std::size_t most_cost = 20;

struct Family {
    std::string_view prefix;
    std::string_view scheme;
    std::string_view digest;
    std::size_t text_size;     // of the digest; Drupal cuts it
    std::uint64_t nanoseconds; // of a round, roughly
};
constexpr Family phpass{"$P$", "phpass", "md5", 22, 600};
constexpr Family drupal{"$S$", "drupal", "sha512", 43, 900};

struct Parts {
    std::size_t cost = 0; // log2 of the rounds
    std::string_view salt;
    std::string_view digest;
};

// "$P$", the cost in one character, the salt, the digest.
std::optional<Parts> parse(std::string_view hash, const Family& family) {
    constexpr std::size_t head_size = prefix_size + 1 + salt_size;
    if (hash.size() != head_size + family.text_size || !is_crypt_base64(hash.substr(prefix_size)))
        return std::nullopt;
    const Parts parts{crypt_alphabet.find(hash[prefix_size]),
                      hash.substr(prefix_size + 1, salt_size), hash.substr(head_size)};
    return parts.cost >= least_cost && parts.cost <= 30 ? std::optional(parts) : std::nullopt;
}

Secret after_rounds(std::string_view name, const Parts& parts, std::string_view password) {
    Secret first(parts.salt);
    first.append(password);
    Secret state = digest(name, first.reveal());
    for (std::uint64_t left = std::uint64_t{1} << parts.cost; left > 0; --left) {
        Secret input = state.copy();
        input.append(password);
        state = digest(name, input.reveal());
    }
    return state;
}

// Six bits a character, the lowest first.
std::string as_text(std::string_view bytes) {
    std::string text;
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (const char c : bytes) {
        bits |= std::uint32_t{static_cast<unsigned char>(c)} << held;
        for (held += 8; held >= 6; held -= 6, bits >>= 6U)
            text += crypt_alphabet[bits & 0x3fU];
    }
    if (held > 0)
        text += crypt_alphabet[bits & 0x3fU];
    return text;
}

Result<HashInfo> inspect(std::string_view hash, const Family& family) {
    constexpr std::size_t fair_cost = 14;
    const auto found = parse(hash, family);
    if (!found)
        return fail(malformed_hash(family.scheme));
    HashInfo info{std::string(family.scheme), fmt::format("2^{} rounds", found->cost)};
    if (found->cost > most_cost)
        return fail(hash_too_costly(info.scheme, info.cost, "2^20 rounds"));
    // Graphics cards compute MD5 far too fast for any of phpass's usual costs.
    info.strength = family.digest != "md5" && found->cost >= fair_cost ? HashStrength::fair
                                                                       : HashStrength::weak;
    const std::uint64_t rounds = std::uint64_t{1} << found->cost;
    info.work = {std::string(family.prefix), rounds, rounds * family.nanoseconds / 1000};
    return info;
}

bool matches(std::string_view password, const std::string& hash, const Family& family) {
    const Parts parts = *parse(hash, family);
    return equal_in_constant_time(
        as_text(after_rounds(family.digest, parts, password).reveal()).substr(0, family.text_size),
        parts.digest);
}

// One for every bit of the amount.
std::vector<std::string> dummies(std::uint64_t amount, const Family& family) {
    std::vector<std::string> out;
    for (std::size_t cost = most_cost; cost >= least_cost; --cost)
        if ((amount >> cost & 1U) != 0)
            out.push_back(fmt::format("{}{}nobodys.{}", family.prefix, crypt_alphabet[cost],
                                      std::string(family.text_size, '.')));
    return out;
}

template <const Family& family> constexpr PasswordScheme scheme_of() {
    return {family.prefix, [](std::string_view hash) { return inspect(hash, family); },
            [](std::string_view password, const std::string& hash) {
                return matches(password, hash, family);
            },
            [](std::string_view, std::uint64_t amount) { return dummies(amount, family); }};
}

constexpr PasswordScheme schemes[] = {scheme_of<phpass>(), scheme_of<drupal>()};

} // namespace

std::span<const PasswordScheme> phpass_schemes() {
    return schemes;
}

} // namespace auth
