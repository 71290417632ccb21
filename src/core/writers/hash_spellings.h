// How other systems spell hashes that are stored here (core/passwords/forms.h).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace auth {

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
