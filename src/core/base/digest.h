// Hashes and message authentication.
#pragma once

#include "core/base/secret.h"

#include <string>
#include <string_view>

namespace auth {

[[nodiscard]] std::string sha256(std::string_view bytes);                         // 32 bytes
enum class HashFunction { sha1, sha256, sha512 };
[[nodiscard]] Secret hmac(HashFunction function, const Secret& key, std::string_view bytes);
[[nodiscard]] std::string hmac_sha256(const Secret& key, std::string_view bytes); // 32 bytes
// RFC 5869 with SHA-256; `length` at most 8160 bytes.
[[nodiscard]] Secret hkdf_sha256(const Secret& key, std::string_view salt, std::string_view info,
                                 std::size_t length);
// Time depends on the lengths only.
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b);

} // namespace auth
