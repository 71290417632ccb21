// Plain digests and MACs of passwords, as Kratos writes them: "$sha1$pf=FORMAT$SALT$HASH" and
// "$hmac-sha256$HASH$KEY".
#include "core/base/digest.h"
#include "core/base/encoding.h"
#include "core/passwords/scheme.h"

#include <optional>

namespace auth {
namespace {

constexpr std::string_view password_word = "{PASSWORD}";
constexpr std::string_view salt_word = "{SALT}";

struct SaltedDigest {
    std::string digest;
    std::string format;
    std::string salt;
    std::string hash;
};

std::optional<SaltedDigest> parse_salted(std::string_view hash) {
    SaltedDigest out;
    if (!take(hash, "$"))
        return std::nullopt;
    out.digest = take_until(hash, '$');
    if (!take(hash, "pf="))
        return std::nullopt;
    const auto format = from_unpadded_base64(take_until(hash, '$'));
    const auto salt = from_unpadded_base64(take_until(hash, '$'));
    const auto value = from_unpadded_base64(hash);
    if (!format || !salt || !value || value->size() != digest_size(out.digest) ||
        format->find(password_word) == std::string::npos)
        return std::nullopt;
    out.format = *format;
    out.salt = *salt;
    out.hash = *value;
    return out;
}

// What was hashed: the format with password and salt in their places.
Secret filled(std::string_view format, std::string_view password, std::string_view salt) {
    Secret out;
    while (!format.empty()) {
        if (take(format, password_word)) {
            out.append(password);
        } else if (take(format, salt_word)) {
            out.append(salt);
        } else {
            out.append(format.substr(0, 1));
            format.remove_prefix(1);
        }
    }
    return out;
}

Result<HashInfo> inspect_salted(std::string_view hash) {
    const auto found = parse_salted(hash);
    if (!found)
        return fail(malformed_hash(hash.substr(1, hash.find('$', 1) - 1)));
    const bool salted = !found->salt.empty() && found->format.find(salt_word) != std::string::npos;
    return HashInfo{found->digest, salted ? "one pass, salted" : "one pass, no salt"};
}

bool matches_salted(std::string_view password, const std::string& hash) {
    const SaltedDigest found = *parse_salted(hash);
    return equal_in_constant_time(
        digest(found.digest, filled(found.format, password, found.salt).reveal()).reveal(),
        found.hash);
}

struct Keyed {
    std::string digest;
    std::string hash;
    std::string key;
};

std::optional<Keyed> parse_keyed(std::string_view text) {
    Keyed out;
    if (!take(text, "$hmac-"))
        return std::nullopt;
    out.digest = take_until(text, '$');
    const auto hash = from_unpadded_base64(take_until(text, '$'));
    const auto key = from_unpadded_base64(text);
    if (!hash || !key || hash->empty() || hash->size() != digest_size(out.digest))
        return std::nullopt;
    out.hash = *hash;
    out.key = *key;
    return out;
}

Result<HashInfo> inspect_keyed(std::string_view hash) {
    const auto found = parse_keyed(hash);
    if (!found)
        return fail(malformed_hash("HMAC"));
    return HashInfo{"hmac-" + found->digest, "one pass"};
}

bool matches_keyed(std::string_view password, const std::string& hash) {
    const Keyed found = *parse_keyed(hash);
    return equal_in_constant_time(hmac(found.digest, found.key, password).reveal(), found.hash);
}

constexpr PasswordScheme salted_digest_forms[] = {
    {"$md5$", inspect_salted, matches_salted},    {"$sha1$", inspect_salted, matches_salted},
    {"$sha224$", inspect_salted, matches_salted}, {"$sha256$", inspect_salted, matches_salted},
    {"$sha384$", inspect_salted, matches_salted}, {"$sha512$", inspect_salted, matches_salted},
    {"$hmac-", inspect_keyed, matches_keyed},
};

} // namespace

std::span<const PasswordScheme> digest_schemes() {
    return salted_digest_forms;
}

} // namespace auth
