// How other systems spell hashes that are stored here (core/passwords/forms.h).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace auth {

// What other systems tell apart. crypt is crypt(5) but for bcrypt and SHA-crypt; PBKDF2 with other
// digests than SHA-1, SHA-256 and SHA-512 is among the others.
enum class HashFamily { argon2, bcrypt, pbkdf2, scrypt, sha_crypt, crypt, other };
[[nodiscard]] HashFamily family_of(std::string_view hash);

// A hash of the form $NAME$KEY=NUMBER,…$SALT$TAG.
struct PhcPieces {
    std::string name;                                          // "argon2id"
    std::map<std::string, std::uint32_t, std::less<>> costs{}; // "v" as well
    std::string salt;                                          // bytes
    std::string tag;
};

// Nothing for a hash of another form.
[[nodiscard]] std::optional<PhcPieces> phc_pieces(std::string_view hash);

// passlib's base 64: without padding, and '.' for '+'.
[[nodiscard]] std::string to_adapted_base64(std::string_view bytes);

// RFC 2307's {SHA}, {SSHA}, {MD5} and {SMD5}, and OpenLDAP's with 256, 384 and 512 bits, for a
// digest of the password, or of password and salt in this order; else "".
[[nodiscard]] std::string ldap_digest_spelling(std::string_view hash);

} // namespace auth
