// Hashes that are told by nothing but their size and letters: ASP.NET Identity's, DES crypt's and
// the bare MD5 that Django calls unsalted_md5.
#include "core/base/digest.h"
#include "core/base/encoding.h"
#include "core/passwords/forms.h"
#include "core/passwords/scheme.h"
#include "core/passwords/spelling_parts.h"

#include <array>

namespace auth {
namespace {

std::uint32_t big_endian(std::string_view bytes) {
    std::uint32_t value = 0;
    for (const char c : bytes.substr(0, 4))
        value = value << 8U | static_cast<unsigned char>(c);
    return value;
}

// Version 2: a zero byte, 16 bytes of salt, 32 of key; PBKDF2 with SHA-1 and 1000 rounds.
Text aspnet_2(std::string_view bytes) {
    constexpr std::size_t salt_end = 17;
    constexpr std::size_t size = 49;
    if (bytes.size() != size)
        return std::nullopt;
    return pbkdf2_hash("sha1", 1000, bytes.substr(1, salt_end - 1), bytes.substr(salt_end));
}

// Version 3: a one, then in big-endian 32 bits each the digest, the rounds and the size of the
// salt, then salt and key.
Text aspnet_3(std::string_view bytes) {
    constexpr std::array<std::string_view, 3> digests{"sha1", "sha256", "sha512"};
    constexpr std::size_t head = 13;
    constexpr std::size_t least_part = 16; // bytes of salt and key: Identity's own lower bound
    if (bytes.size() < head + 2 * least_part)
        return std::nullopt;
    const std::uint32_t digest = big_endian(bytes.substr(1));
    const std::uint32_t salt_size = big_endian(bytes.substr(9));
    if (digest >= digests.size() || salt_size < least_part ||
        salt_size > bytes.size() - head - least_part)
        return std::nullopt;
    return pbkdf2_hash(digests.at(digest), big_endian(bytes.substr(5)),
                       bytes.substr(head, salt_size), bytes.substr(head + salt_size));
}

Text aspnet(std::string_view hash) {
    const auto bytes = from_base64(hash);
    if (!bytes || bytes->empty())
        return std::nullopt;
    if (bytes->front() == '\0')
        return aspnet_2(*bytes);
    return bytes->front() == '\1' ? aspnet_3(*bytes) : std::nullopt;
}

Text bare_md5(std::string_view hash) {
    const auto bytes = from_hex(hash);
    if (!bytes || bytes->size() != digest_size("md5"))
        return std::nullopt;
    return salted_digest("md5", SaltPosition::before, "", *bytes);
}

} // namespace

Text read_unmarked(std::string_view hash) {
    if (is_des_crypt(hash))
        return "{CRYPT}" + std::string(hash);
    if (auto found = bare_md5(hash))
        return found;
    return aspnet(hash);
}

} // namespace auth
