// "{NAME}…": RFC 2307 and what OpenLDAP, 389 Directory Server, Dovecot, Spring and Atlassian made
// of it. Dovecot may name the encoding as well: "{SSHA256.HEX}".
#include "core/base/digest.h"
#include "core/base/encoding.h"
#include "core/base/text.h"
#include "core/passwords/forms.h"
#include "core/passwords/scheme.h"
#include "core/passwords/spelling_parts.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

struct DigestName {
    std::string_view name;
    std::string_view digest;
};
constexpr DigestName digests[] = {
    {"md5", "md5"},       {"sha", "sha1"},      {"sha1", "sha1"},
    {"sha256", "sha256"}, {"sha384", "sha384"}, {"sha512", "sha512"},
};

struct DigestForm {
    std::string_view digest;
    bool salted = false; // with the salt behind the digest
    bool hex = false;
};

// "sha512", "ssha512", "ssha512.hex".
std::optional<DigestForm> digest_form(std::string_view name) {
    if (name == "ldap-md5" || name == "plain-md5")
        return DigestForm{"md5"};
    const std::string_view encoding = name.substr(std::min(name.find('.'), name.size()));
    const std::string_view base = name.substr(0, name.size() - encoding.size());
    if (!encoding.empty() && encoding != ".hex" && encoding != ".b64" && encoding != ".base64")
        return std::nullopt;
    for (const auto& [known, digest] : digests) {
        const bool salted = base.size() == known.size() + 1 && base.ends_with(known);
        if (base == known || (salted && base.front() == 's'))
            return DigestForm{digest, salted, encoding == ".hex"};
    }
    return std::nullopt;
}

Text digest_of(const DigestForm& form, std::string_view text) {
    if (form.digest == "md5" && text.starts_with("$1$"))
        return Text(text); // Dovecot writes MD5 for this one, too
    const std::size_t size = digest_size(form.digest);
    // Some write hexadecimal digits without saying so.
    const bool hex = form.hex || (!form.salted && text.size() == 2 * size);
    const Text value = hex ? from_hex(lower_ascii(text)) : any_base64(text);
    if (!value || value->size() < size || (value->size() > size) != form.salted)
        return std::nullopt;
    const std::string_view bytes = *value;
    return salted_digest(form.digest, SaltPosition::after, bytes.substr(size),
                         bytes.substr(0, size));
}

// A hash of crypt(5) or Argon2, which says by itself what it is.
Text self_described(std::string_view text) {
    if (is_des_crypt(text))
        return "{CRYPT}" + std::string(text);
    return text.starts_with('$') ? Text(text) : std::nullopt;
}

// Dovecot: "$1$SALT$ROUNDS$KEY" with SHA-1, the salt as text and the key in hexadecimal.
Text dovecot_pbkdf2(std::string_view text) {
    std::uint32_t rounds = 0;
    if (!take(text, "$1$"))
        return std::nullopt;
    const std::string_view salt = take_until(text, '$');
    if (!take_number(text, rounds) || !take(text, "$"))
        return std::nullopt;
    const Text key = from_hex(text);
    return key ? Text(pbkdf2_hash("sha1", rounds, salt, *key)) : std::nullopt;
}

// 389 Directory Server: in one base 64 the rounds in four bytes, 64 bytes of salt, 256 of key. The
// first block of the key is as hard to guess as all of it.
Text directory_server_pbkdf2(std::string_view text) {
    constexpr std::size_t rounds_size = 4;
    constexpr std::size_t salt_size = 64;
    constexpr std::size_t key_size = 256;
    const Text value = any_base64(text);
    if (!value || value->size() != rounds_size + salt_size + key_size)
        return std::nullopt;
    std::uint32_t rounds = 0;
    for (std::size_t i = 0; i < rounds_size; ++i)
        rounds = rounds << 8U | static_cast<unsigned char>((*value)[i]);
    const std::string_view bytes = *value;
    return pbkdf2_hash("sha256", rounds, bytes.substr(rounds_size, salt_size),
                       bytes.substr(rounds_size + salt_size, digest_size("sha256")));
}

// Atlassian: 16 bytes of salt and 32 of key, PBKDF2 with SHA-1 and 10000 rounds.
Text atlassian(std::string_view text) {
    constexpr std::size_t salt_size = 16;
    constexpr std::size_t key_size = 32;
    const Text value = any_base64(text);
    if (!value || value->size() != salt_size + key_size)
        return std::nullopt;
    const std::string_view bytes = *value;
    return pbkdf2_hash("sha1", 10'000, bytes.substr(0, salt_size), bytes.substr(salt_size));
}

Text pbkdf2(std::string_view name, std::string_view text) {
    if (name == "pbkdf2")
        return text.starts_with('$') ? dovecot_pbkdf2(text) : passlib_pbkdf2("sha1", text);
    if (name == "pbkdf2_sha256" && text.find('$') == std::string_view::npos)
        return directory_server_pbkdf2(text);
    constexpr std::string_view word = "pbkdf2-"; // or with an underscore
    return passlib_pbkdf2(name.substr(word.size()), text);
}

bool is_crypt(std::string_view name) {
    constexpr std::string_view names[] = {"crypt",        "bcrypt",    "argon2",    "argon2i",
                                          "argon2id",     "blf-crypt", "md5-crypt", "sha256-crypt",
                                          "sha512-crypt", "des-crypt"};
    return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

bool is_plain_text(std::string_view name) {
    constexpr std::string_view names[] = {"plain", "clear", "cleartext", "noop"};
    const std::string_view base = name.substr(0, name.find('.'));
    return std::find(std::begin(names), std::end(names), base) != std::end(names);
}

Error not_known(std::string_view shown, std::string_view name) {
    const bool plain = is_plain_text(name);
    return error(ErrorCode::usage,
                 plain ? fmt::format("{} marks a password in plain text, not a hash", shown)
                       : fmt::format("password hashes of the form {} are not known", shown))
        .with_hint(plain ? "put the password into the field password, without the mark" : "")
        .with_field("password_hash");
}

} // namespace

Result<std::string> read_braced(std::string_view hash) {
    std::string_view text = hash.substr(1);
    const std::size_t end = text.find('}');
    constexpr std::size_t longest_name = 40;
    if (end > longest_name)
        return std::string(hash);
    const std::string shown = printable(hash.substr(0, end + 2));
    const std::string name = lower_ascii(text.substr(0, end));
    text.remove_prefix(end + 1);
    Text read;
    if (is_crypt(name))
        read = self_described(text);
    else if (name.starts_with("pbkdf2"))
        read = pbkdf2(name, text);
    else if (name == "pkcs5s2")
        read = atlassian(text);
    else if (const auto form = digest_form(name))
        read = digest_of(*form, text);
    else
        return fail(not_known(shown, name));
    if (read)
        return *std::move(read);
    return fail(malformed_hash(shown));
}

} // namespace auth
