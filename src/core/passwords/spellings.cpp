// How other systems spell the hashes that the schemes know.
#include "core/base/digest.h"
#include "core/base/encoding.h"
#include "core/base/text.h"
#include "core/passwords/forms.h"
#include "core/passwords/scheme.h"
#include "core/passwords/spelling_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace auth {
namespace {

// "i=ROUNDS,l=LENGTH$SALT$KEY" in either base 64; some leave the length out.
Text phc_pbkdf2(std::string_view digest, std::string_view rest) {
    std::uint32_t rounds = 0;
    if (!take(rest, "i=") || !take_number(rest, rounds))
        return std::nullopt;
    std::uint32_t length = 0;
    const bool has_length = take(rest, ",l=");
    if ((has_length && !take_number(rest, length)) || !take(rest, "$"))
        return std::nullopt;
    const Text salt = any_base64(take_until(rest, '$'));
    const Text key = any_base64(rest);
    if (!salt || !key || (has_length && length != key->size()))
        return std::nullopt;
    return pbkdf2_hash(digest, rounds, *salt, *key);
}

// "$…" is SHA-1, "-DIGEST$…" the others.
Text any_pbkdf2(std::string_view, std::string_view rest) {
    const bool named = take(rest, "-");
    const std::string_view before = take_until(rest, '$');
    const std::string_view digest = named ? before : "sha1";
    if (!named && !before.empty())
        return std::nullopt;
    return rest.starts_with("i=") ? phc_pbkdf2(digest, rest) : passlib_pbkdf2(digest, rest);
}

// "ROUNDS$SALT$KEY": the salt is text, the key in padded base 64.
Text django_pbkdf2(std::string_view, std::string_view hash) {
    const std::string_view digest = take_until(hash, '$');
    std::uint32_t rounds = 0;
    if (!take_number(hash, rounds) || !take(hash, "$"))
        return std::nullopt;
    const std::string_view salt = take_until(hash, '$');
    const Text key = from_base64(hash);
    return key ? Text(pbkdf2_hash(digest, rounds, salt, *key)) : std::nullopt;
}

// "DIGEST:ROUNDS$SALT$KEY": the salt is text, the key hexadecimal.
Text werkzeug_pbkdf2(std::string_view, std::string_view hash) {
    const std::string_view digest = take_until(hash, ':');
    std::uint32_t rounds = 0;
    if (!take_number(hash, rounds) || !take(hash, "$"))
        return std::nullopt;
    const std::string_view salt = take_until(hash, '$');
    const Text key = from_hex(hash);
    return key ? Text(pbkdf2_hash(digest, rounds, salt, *key)) : std::nullopt;
}

// Kratos gives N itself where the others give its logarithm, and pads.
Text phc_scrypt(std::string_view, std::string_view hash) {
    constexpr std::uint32_t most_log2_n = 63;
    std::uint32_t n = 0;
    std::uint32_t r = 0;
    std::uint32_t p = 0;
    if (!take(hash, "ln=") || !take_number(hash, n) || !take(hash, ",r=") ||
        !take_number(hash, r) || !take(hash, ",p=") || !take_number(hash, p) || !take(hash, "$"))
        return std::nullopt;
    const Text salt = any_base64(take_until(hash, '$'));
    const Text key = any_base64(hash);
    if (!salt || !key)
        return std::nullopt;
    return scrypt_hash(n <= most_log2_n ? std::uint64_t{1} << n : n, r, p, *salt, *key);
}

// "N$SALT$R$P$KEY": the salt is text, the key in padded base 64.
Text django_scrypt(std::string_view, std::string_view hash) {
    std::uint32_t n = 0;
    std::uint32_t r = 0;
    std::uint32_t p = 0;
    if (!take_number(hash, n) || !take(hash, "$"))
        return std::nullopt;
    const std::string_view salt = take_until(hash, '$');
    if (!take_number(hash, r) || !take(hash, "$") || !take_number(hash, p) || !take(hash, "$"))
        return std::nullopt;
    const Text key = from_base64(hash);
    return key ? Text(scrypt_hash(n, r, p, salt, *key)) : std::nullopt;
}

// "N:R:P$SALT$KEY": the salt is text, the key hexadecimal.
Text werkzeug_scrypt(std::string_view, std::string_view hash) {
    std::uint32_t n = 0;
    std::uint32_t r = 0;
    std::uint32_t p = 0;
    if (!take_number(hash, n) || !take(hash, ":") || !take_number(hash, r) || !take(hash, ":") ||
        !take_number(hash, p) || !take(hash, "$"))
        return std::nullopt;
    const std::string_view salt = take_until(hash, '$');
    const Text key = from_hex(hash);
    return key ? Text(scrypt_hash(n, r, p, salt, *key)) : std::nullopt;
}

// "ln=MEMORY,r=ROUNDS,p=1$SALT$HASH$SEPARATOR$SIGNER", all in base 64.
Text kratos_firebase(std::string_view, std::string_view hash) {
    FirebaseParameters project;
    if (!take(hash, "ln=") || !take_number(hash, project.memory_cost) || !take(hash, ",r=") ||
        !take_number(hash, project.rounds) || !take(hash, ",p=1$"))
        return std::nullopt;
    const Text salt = any_base64(take_until(hash, '$'));
    const Text value = any_base64(take_until(hash, '$'));
    const Text separator = any_base64(take_until(hash, '$'));
    const Text signer = any_base64(hash);
    if (!salt || !value || !separator || !signer)
        return std::nullopt;
    project.salt_separator = *separator;
    project.signer_key = *signer;
    const auto made = firebase_hash(project, *salt, *value);
    return made ? Text(*made) : std::nullopt;
}

// "HASH", or "pf=FORMAT$SALT$HASH".
Text kratos_digest(std::string_view digest, std::string_view hash) {
    if (!take(hash, "pf=")) {
        const Text value = any_base64(hash);
        return value ? Text(salted_digest(digest, SaltPosition::before, "", *value)) : std::nullopt;
    }
    const Text format = any_base64(take_until(hash, '$'));
    const Text salt = any_base64(take_until(hash, '$'));
    const Text value = any_base64(hash);
    if (!format || !salt || !value)
        return std::nullopt;
    return fmt::format("${}$pf={}${}${}", digest, to_unpadded_base64(*format),
                       to_unpadded_base64(*salt), to_unpadded_base64(*value));
}

// Kratos encodes the hexadecimal digits.
Text kratos_hmac(std::string_view, std::string_view hash) {
    const std::string_view digest = take_until(hash, '$');
    Text value = any_base64(take_until(hash, '$'));
    const Text key = any_base64(hash);
    if (value && value->size() == 2 * digest_size(digest))
        value = from_hex(*value);
    return value && key ? Text(hmac_digest(digest, *key, *value)) : std::nullopt;
}

// "SALT$HASH" in hexadecimal, the salt first.
Text django_digest(std::string_view digest, std::string_view hash) {
    const std::string_view salt = take_until(hash, '$');
    const Text value = from_hex(hash);
    return value ? Text(salted_digest(digest, SaltPosition::before, salt, *value)) : std::nullopt;
}

// "SALT$HASH": Django leaves the salt empty, since the hash holds it.
Text django_crypt(std::string_view, std::string_view hash) {
    (void)take_until(hash, '$');
    if (is_des_crypt(hash))
        return "{CRYPT}" + std::string(hash);
    return hash.starts_with('$') ? Text(hash) : std::nullopt;
}

struct Spelling {
    std::string_view prefix;
    std::string_view scheme; // for the complaint
    Text (*read)(std::string_view scheme, std::string_view rest);
};

constexpr Spelling spellings[] = {
    {"$pbkdf2", "PBKDF2", any_pbkdf2},
    {"pbkdf2_", "PBKDF2", django_pbkdf2},
    {"pbkdf2:", "PBKDF2", werkzeug_pbkdf2},
    {"$scrypt$", "scrypt", phc_scrypt},
    {"scrypt$", "scrypt", django_scrypt},
    {"scrypt:", "scrypt", werkzeug_scrypt},
    {"$firescrypt$", "firescrypt", kratos_firebase},
    {"$md5$", "md5", kratos_digest},
    {"$sha1$", "sha1", kratos_digest},
    {"$sha224$", "sha224", kratos_digest},
    {"$sha256$", "sha256", kratos_digest},
    {"$sha384$", "sha384", kratos_digest},
    {"$sha512$", "sha512", kratos_digest},
    {"$hmac-", "HMAC", kratos_hmac},
    {"md5$", "md5", django_digest},
    {"sha1$", "sha1", django_digest},
    {"crypt$", "crypt", django_crypt},
};

// Those that only have another word in front: Django, Kratos, phpBB, Jenkins, Nextcloud.
constexpr std::pair<std::string_view, std::string_view> prefixes[] = {
    {"argon2$argon2", "$argon2"}, {"bcrypt$$2", "$2"},
    {"$md5-crypt$", "$1$"},       {"$sha256-crypt$", "$5$"},
    {"$sha512-crypt$", "$6$"},    {"$H$", "$P$"},
    {"#jbcrypt:$2", "$2"},        {"1|$2", "$2"},
    {"2|$argon2", "$argon2"},     {"3|$argon2", "$argon2"},
};

} // namespace

Text any_base64(std::string_view text) {
    return text.size() % 4 == 0 ? from_base64(text) : from_unpadded_base64(text);
}

Text passlib_pbkdf2(std::string_view digest, std::string_view rest) {
    const auto decoded = [](std::string_view text) {
        std::string plain(text);
        std::replace(plain.begin(), plain.end(), '.', '+');
        return any_base64(plain);
    };
    std::uint32_t rounds = 0;
    if (!take_number(rest, rounds) || !take(rest, "$"))
        return std::nullopt;
    const Text salt = decoded(take_until(rest, '$'));
    const Text key = decoded(rest);
    if (!salt || !key)
        return std::nullopt;
    return pbkdf2_hash(digest, rounds, *salt, *key);
}

Result<std::string> read_spelling(std::string_view hash) {
    for (const auto& [theirs, ours] : prefixes)
        if (hash.starts_with(theirs))
            return std::string(ours) + std::string(hash.substr(theirs.size()));
    for (const Spelling& spelling : spellings)
        if (hash.starts_with(spelling.prefix)) {
            if (auto read = spelling.read(spelling.scheme, hash.substr(spelling.prefix.size())))
                return *std::move(read);
            return fail(malformed_hash(spelling.scheme));
        }
    if (hash.starts_with('{'))
        return read_braced(hash);
    const Text read = hash.starts_with('$') ? std::nullopt : read_unmarked(hash);
    return read.value_or(std::string(hash));
}

std::string stored_form(std::string_view hash) {
    return read_spelling(hash).value_or(std::string(hash));
}

} // namespace auth
