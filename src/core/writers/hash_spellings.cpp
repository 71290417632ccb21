#include "core/writers/hash_spellings.h"

#include "core/base/encoding.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

bool add_costs(PhcPieces& pieces, std::string_view text) {
    for (const std::string& cost : split(text, ',')) {
        const std::size_t equals = cost.find('=');
        const auto number = equals == std::string::npos
                                ? std::nullopt
                                : parse_integer(std::string_view(cost).substr(equals + 1));
        if (!number || *number < 0 || *number > UINT32_MAX)
            return false;
        pieces.costs[cost.substr(0, equals)] = static_cast<std::uint32_t>(*number);
    }
    return true;
}

// The name between the braces without its "S"; "" for a digest that has none.
std::string_view ldap_name(std::string_view digest) {
    for (const auto& [known, name] :
         std::initializer_list<std::pair<std::string_view, std::string_view>>{{"md5", "MD5"},
                                                                              {"sha1", "SHA"},
                                                                              {"sha256", "SHA256"},
                                                                              {"sha384", "SHA384"},
                                                                              {"sha512", "SHA512"}})
        if (digest == known)
            return name;
    return "";
}

} // namespace

HashFamily family_of(std::string_view hash) {
    using enum HashFamily;
    for (const auto& [start, family] :
         std::initializer_list<std::pair<std::string_view, HashFamily>>{{"$argon2id$", argon2},
                                                                        {"$argon2i$", argon2},
                                                                        {"$2a$", bcrypt},
                                                                        {"$2b$", bcrypt},
                                                                        {"$2y$", bcrypt},
                                                                        {"$pbkdf2-sha1$", pbkdf2},
                                                                        {"$pbkdf2-sha256$", pbkdf2},
                                                                        {"$pbkdf2-sha512$", pbkdf2},
                                                                        {"$scrypt$", scrypt},
                                                                        {"$5$", sha_crypt},
                                                                        {"$6$", sha_crypt},
                                                                        {"$1$", crypt},
                                                                        {"$7$", crypt},
                                                                        {"$y$", crypt}})
        if (hash.starts_with(start))
            return family;
    return other;
}

std::optional<PhcPieces> phc_pieces(std::string_view hash) {
    if (!hash.starts_with('$'))
        return std::nullopt;
    const std::vector<std::string> parts = split(hash.substr(1), '$');
    if (parts.size() < 4)
        return std::nullopt;
    PhcPieces pieces;
    pieces.name = parts.front();
    for (std::size_t i = 1; i + 2 < parts.size(); ++i)
        if (!add_costs(pieces, parts[i]))
            return std::nullopt;
    const auto salt = from_unpadded_base64(parts[parts.size() - 2]);
    const auto tag = from_unpadded_base64(parts.back());
    if (!salt || !tag)
        return std::nullopt;
    pieces.salt = *salt;
    pieces.tag = *tag;
    return pieces;
}

std::string to_adapted_base64(std::string_view bytes) {
    std::string text = to_unpadded_base64(bytes);
    std::ranges::replace(text, '+', '.');
    return text;
}

std::string ldap_digest_spelling(std::string_view hash) {
    const std::vector<std::string> parts =
        hash.starts_with('$') ? split(hash.substr(1), '$') : std::vector<std::string>();
    if (parts.size() != 4 || !parts[1].starts_with("pf="))
        return "";
    const auto format = from_unpadded_base64(std::string_view(parts[1]).substr(3));
    const auto salt = from_unpadded_base64(parts[2]);
    const auto digest = from_unpadded_base64(parts[3]);
    const std::string_view name = ldap_name(parts[0]);
    if (name.empty() || !format || !salt || !digest)
        return "";
    if (*format == "{PASSWORD}")
        return fmt::format("{{{}}}{}", name, to_base64(*digest));
    if (*format == "{PASSWORD}{SALT}")
        return fmt::format("{{S{}}}{}", name, to_base64(*digest + *salt));
    return "";
}

} // namespace auth
