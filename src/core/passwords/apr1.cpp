// Apache's "$apr1$" (htpasswd -m, and its default for long): md5crypt with another magic word,
// which crypt(3) does not know. The schedule is Apache's documented one (apr_md5_encode); every
// digest is OpenSSL's.
#include "core/base/digest.h"
#include "core/passwords/scheme.h"

#include <algorithm>
#include <array>

namespace auth {
namespace {

constexpr std::string_view magic = "$apr1$";
constexpr std::size_t most_salt = 8;
constexpr std::size_t text_size = 22;

struct Parts {
    std::string_view salt;
    std::string_view digest;
};

std::optional<Parts> parse(std::string_view hash) {
    std::string_view rest = hash;
    if (!take(rest, magic))
        return std::nullopt;
    const std::string_view salt = take_until(rest, '$');
    const bool printable = std::all_of(salt.begin(), salt.end(),
                                       [](char c) { return c > ' ' && c <= '~' && c != ':'; });
    if (salt.size() > most_salt || !printable || rest.size() != text_size || !is_crypt_base64(rest))
        return std::nullopt;
    return Parts{salt, rest};
}

Secret joined(std::initializer_list<std::string_view> parts) {
    Secret out;
    for (const std::string_view part : parts)
        out.append(part);
    return out;
}

Secret first_digest(std::string_view password, std::string_view salt) {
    const Secret inner = digest("md5", joined({password, salt, password}).reveal());
    Secret input = joined({password, magic, salt});
    for (std::size_t left = password.size(); left > 0; left -= std::min(left, inner.size()))
        input.append(inner.reveal().substr(0, std::min(left, inner.size())));
    for (std::size_t bits = password.size(); bits > 0; bits >>= 1U)
        input.append((bits & 1U) != 0 ? std::string_view("\0", 1) : password.substr(0, 1));
    return digest("md5", input.reveal());
}

Secret thousand_rounds(Secret state, std::string_view password, std::string_view salt) {
    for (unsigned round = 0; round < 1000; ++round) {
        const bool odd = (round & 1U) != 0;
        state =
            digest("md5", joined({odd ? password : state.reveal(), round % 3 != 0 ? salt : "",
                                  round % 7 != 0 ? password : "", odd ? state.reveal() : password})
                              .reveal());
    }
    return state;
}

// Six bits a character, the lowest first, of bytes in md5crypt's order.
std::string as_crypt_text(std::string_view bytes) {
    constexpr std::array<std::array<std::size_t, 3>, 5> order{
        {{0, 6, 12}, {1, 7, 13}, {2, 8, 14}, {3, 9, 15}, {4, 10, 5}}};
    const auto byte = [&](std::size_t at) {
        return std::uint32_t{static_cast<unsigned char>(bytes[at])};
    };
    std::string text;
    const auto put = [&](std::uint32_t bits, int characters) {
        for (; characters > 0; --characters, bits >>= 6U)
            text += crypt_alphabet[bits & 0x3fU];
    };
    for (const auto& [high, middle, low] : order)
        put(byte(high) << 16U | byte(middle) << 8U | byte(low), 4);
    put(byte(11), 2);
    return text;
}

Result<HashInfo> inspect(std::string_view hash) {
    if (!parse(hash))
        return fail(malformed_hash("apr1"));
    return HashInfo{"apr1", "1000 rounds", false, HashStrength::weak, {"$apr1$", 1, 1000}};
}

bool matches(std::string_view password, const std::string& hash) {
    const auto [salt, expected] = *parse(hash);
    const Secret state = thousand_rounds(first_digest(password, salt), password, salt);
    return equal_in_constant_time(as_crypt_text(state.reveal()), expected);
}

std::vector<std::string> dummies(std::string_view unit, std::uint64_t) {
    return {std::string(unit) + "nobodys.$" + std::string(text_size, '.')};
}

constexpr PasswordScheme schemes[] = {{magic, inspect, matches, dummies}};

} // namespace

std::span<const PasswordScheme> apr1_schemes() {
    return schemes;
}

} // namespace auth
