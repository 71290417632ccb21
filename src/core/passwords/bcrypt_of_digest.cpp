// bcrypt of a digest of the password, which lifts its limit of 72 bytes.
#include "core/base/digest.h"
#include "core/base/encoding.h"
#include "core/passwords/scheme.h"

#include <fmt/format.h>

namespace auth {
namespace {

constexpr std::string_view form_name = "bcrypt-sha256";

// Django: bcrypt of the digest in hexadecimal.
constexpr std::string_view django_prefix = "bcrypt_sha256$";

Result<HashInfo> inspect_django(std::string_view hash) {
    const std::string_view inner = hash.substr(django_prefix.size());
    if (!inner.starts_with("$2"))
        return fail(malformed_hash(form_name));
    return inspect_bcrypt(inner, std::string(form_name));
}

bool matches_django(std::string_view password, const std::string& hash) {
    return matches_bcrypt(to_hex(digest("sha256", password).reveal()),
                          hash.substr(django_prefix.size()));
}

// passlib: bcrypt of the digest in base 64. Version 2 keys it with the salt's characters.
struct Passlib {
    std::string bcrypt; // the whole hash
    std::string_view salt;
    bool keyed = false;
};

std::optional<Passlib> parse_passlib(std::string_view hash) {
    std::string_view rest = hash;
    if (!take(rest, "$bcrypt-sha256$"))
        return std::nullopt;
    Passlib found;
    found.keyed = take(rest, "v=2,t=");
    const std::string_view type = take_until(rest, ',');
    if (found.keyed && !take(rest, "r="))
        return std::nullopt;
    std::uint32_t cost = 0;
    if ((type != "2a" && type != "2b") || !take_number(rest, cost) || !take(rest, "$"))
        return std::nullopt;
    found.salt = take_until(rest, '$');
    if (found.salt.size() != 22)
        return std::nullopt;
    found.bcrypt = fmt::format("${}${:02}${}{}", type, cost, found.salt, rest);
    return found;
}

Result<HashInfo> inspect_passlib(std::string_view hash) {
    const auto found = parse_passlib(hash);
    if (!found)
        return fail(malformed_hash(form_name));
    return inspect_bcrypt(found->bcrypt, std::string(form_name));
}

bool matches_passlib(std::string_view password, const std::string& hash) {
    const Passlib found = *parse_passlib(hash);
    const Secret key =
        found.keyed ? hmac("sha256", found.salt, password) : digest("sha256", password);
    return matches_bcrypt(to_base64(key.reveal()), found.bcrypt);
}

// WordPress since 6.8: bcrypt of an HMAC in base 64.
constexpr std::string_view wordpress_prefix = "$wp";

Result<HashInfo> inspect_wordpress(std::string_view hash) {
    return inspect_bcrypt(hash.substr(wordpress_prefix.size()), "bcrypt-hmac-sha384");
}

bool matches_wordpress(std::string_view password, const std::string& hash) {
    return matches_bcrypt(to_base64(hmac("sha384", "wp-sha384", password).reveal()),
                          hash.substr(wordpress_prefix.size()));
}

constexpr PasswordScheme bcrypt_of_digest_forms[] = {
    {django_prefix, inspect_django, matches_django},
    {"$bcrypt-sha256$", inspect_passlib, matches_passlib},
    {"$wp$2", inspect_wordpress, matches_wordpress},
};

} // namespace

std::span<const PasswordScheme> bcrypt_of_digest_schemes() {
    return bcrypt_of_digest_forms;
}

} // namespace auth
