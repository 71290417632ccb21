#include "core/base/encoding.h"

#include "core/base/text.h"

#include <array>

namespace auth {
namespace {

constexpr std::string_view url_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view plain_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view base32_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::uint8_t invalid = 0xff;

constexpr std::array<std::uint8_t, 256> reverse(std::string_view alphabet) {
    std::array<std::uint8_t, 256> table{};
    table.fill(invalid);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    return table;
}

// `width` bits a letter.
std::string encode(std::string_view bytes, std::string_view alphabet, unsigned width = 6) {
    const std::uint32_t mask = (1U << width) - 1U;
    std::string out;
    out.reserve((bytes.size() * 8 + width - 1) / width + 2);
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (const char c : bytes) {
        bits = bits << 8U | static_cast<unsigned char>(c);
        for (held += 8; held >= width; held -= width)
            out += alphabet[bits >> (held - width) & mask];
    }
    if (held > 0)
        out += alphabet[bits << (width - held) & mask];
    return out;
}

std::optional<std::string> decode(std::string_view text,
                                  const std::array<std::uint8_t, 256>& values, unsigned width = 6) {
    std::string out(text.size() * width / 8, '\0');
    std::size_t written = 0;
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (const char c : text) {
        const std::uint8_t value = values[static_cast<unsigned char>(c)];
        if (value == invalid)
            return std::nullopt;
        bits = bits << width | value;
        held += width;
        if (held >= 8) {
            held -= 8;
            out[written++] = static_cast<char>(bits >> held & 0xffU);
        }
    }
    // A whole letter too many, or bits that no byte holds.
    if (held >= width || (bits & ((1U << held) - 1U)) != 0)
        return std::nullopt;
    return out;
}

std::optional<std::uint8_t> nibble(char c) {
    if (c >= '0' && c <= '9')
        return static_cast<std::uint8_t>(c - '0');
    if (c >= 'a' && c <= 'f')
        return static_cast<std::uint8_t>(c - 'a' + 10);
    return std::nullopt;
}

} // namespace

std::string to_base64url(std::string_view bytes) {
    return encode(bytes, url_alphabet);
}

std::optional<std::string> from_base64url(std::string_view text) {
    static constexpr auto values = reverse(url_alphabet);
    return decode(text, values);
}

std::string to_base64(std::string_view bytes) {
    std::string out = encode(bytes, plain_alphabet);
    out.append((4 - out.size() % 4) % 4, '=');
    return out;
}

std::optional<std::string> from_base64(std::string_view text) {
    static constexpr auto values = reverse(plain_alphabet);
    if (text.size() % 4 != 0)
        return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=')
        ++padding;
    return decode(text.substr(0, text.size() - padding), values);
}

std::string to_unpadded_base64(std::string_view bytes) {
    return encode(bytes, plain_alphabet);
}

std::optional<std::string> from_unpadded_base64(std::string_view text) {
    static constexpr auto values = reverse(plain_alphabet);
    return decode(text, values);
}

std::string to_base32(std::string_view bytes) {
    return encode(bytes, base32_alphabet, 5);
}

std::optional<std::string> from_base32(std::string_view text) {
    static constexpr auto values = reverse(base32_alphabet);
    return decode(text, values, 5);
}

std::string to_hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out += digits[byte >> 4U];
        out += digits[byte & 0xfU];
    }
    return out;
}

std::optional<std::string> from_hex(std::string_view text) {
    if (text.size() % 2 != 0)
        return std::nullopt;
    std::string out;
    out.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const auto high = nibble(text[i]);
        const auto low = nibble(text[i + 1]);
        if (!high || !low)
            return std::nullopt;
        out += static_cast<char>(*high << 4U | *low);
    }
    return out;
}

std::string percent_encoded(std::string_view text, std::string_view kept) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size() * 3);
    for (const char c : text) {
        if (is_letter_or_digit(c) || std::string_view("-._~").find(c) != std::string_view::npos ||
            kept.find(c) != std::string_view::npos) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += digits[byte >> 4U];
        out += digits[byte & 0xfU];
    }
    return out;
}

} // namespace auth
