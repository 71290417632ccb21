// What password.cpp asks of one kind of stored hash. To read a new kind, add a row to the table in
// password_foreign.cpp.
#pragma once

#include "core/accounts/password.h"

#include <span>
#include <string>
#include <string_view>

namespace auth {

struct PasswordScheme {
    std::string_view prefix; // what its hashes start with, and no other scheme's
    // As inspect_hash, for a hash with this prefix.
    Result<HashInfo> (*inspect)(std::string_view hash);
    // For a hash that `inspect` took. Any bytes, at most 4096; a password the scheme cannot hash
    // costs as much as any other and matches nothing.
    bool (*matches)(std::string_view password, const std::string& hash);
};

[[nodiscard]] std::span<const PasswordScheme> foreign_password_schemes();

// What `inspect` fails with.
[[nodiscard]] Error malformed_hash(std::string_view scheme);
[[nodiscard]] Error hash_too_costly(std::string_view scheme, std::string_view cost,
                                    std::string_view limit);

// Takes a decimal number without sign or leading zero off the front of `text`.
[[nodiscard]] bool take_number(std::string_view& text, std::uint32_t& value);
[[nodiscard]] bool take(std::string_view& text, std::string_view expected);

} // namespace auth
