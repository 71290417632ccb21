// What password.cpp asks of one kind of stored hash, in the one form in which it is stored. To read
// a new kind, add a row to the table of its family; to read another spelling of a known one, to
// spellings.cpp, braced_spellings.cpp or unmarked_spellings.cpp.
#pragma once

#include "core/passwords/password.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

struct PasswordScheme {
    std::string_view prefix; // what its hashes start with, and no other scheme's
    // As inspect_hash, for a hash with this prefix.
    Result<HashInfo> (*inspect)(std::string_view hash);
    // For a hash that `inspect` took. Any bytes, at most 4096; a password the scheme cannot hash
    // costs as much as any other and matches nothing.
    bool (*matches)(std::string_view password, const std::string& hash);
    // As dummy_hashes, for a unit with this prefix; null for schemes whose work has no unit, or
    // one that starts as another scheme's hashes do.
    std::vector<std::string> (*dummies)(std::string_view unit, std::uint64_t amount) = nullptr;
};

[[nodiscard]] std::span<const PasswordScheme> argon2_schemes();
[[nodiscard]] std::span<const PasswordScheme> crypt_schemes();
[[nodiscard]] std::span<const PasswordScheme> apr1_schemes();
[[nodiscard]] std::span<const PasswordScheme> phpass_schemes();
[[nodiscard]] std::span<const PasswordScheme> bcrypt_of_digest_schemes();
[[nodiscard]] std::span<const PasswordScheme> derived_key_schemes();
[[nodiscard]] std::span<const PasswordScheme> digest_schemes();

// The stored form, or the known form's failure where its spelling is wrong.
[[nodiscard]] Result<std::string> read_spelling(std::string_view hash);

// crypt's base 64, in the order of its values.
inline constexpr std::string_view crypt_alphabet =
    "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
[[nodiscard]] bool is_crypt_base64(std::string_view text);

// The 13 characters of DES crypt, which nothing marks as a hash.
[[nodiscard]] bool is_des_crypt(std::string_view text);

// What `inspect` fails with.
[[nodiscard]] Error malformed_hash(std::string_view scheme);
[[nodiscard]] Error hash_too_costly(std::string_view scheme, std::string_view cost,
                                    std::string_view limit);

// Takes a decimal number without sign or leading zero off the front of `text`.
[[nodiscard]] bool take_number(std::string_view& text, std::uint32_t& value);
[[nodiscard]] bool take(std::string_view& text, std::string_view expected);
// Takes what stands before the next `end`, and that; all the rest where there is none.
[[nodiscard]] std::string_view take_until(std::string_view& text, char end);

// Salt and digest of nobody.
[[nodiscard]] std::string dummy_salt();                 // 16 bytes
[[nodiscard]] std::string dummy_tag(std::size_t bytes); // at most 64

// bcrypt under another name, for those who hash the password first. Of a password only the first
// 72 bytes count, as for every maker of such hashes.
[[nodiscard]] Result<HashInfo> inspect_bcrypt(std::string_view hash, std::string scheme);
[[nodiscard]] bool matches_bcrypt(std::string_view password, const std::string& hash);

} // namespace auth
