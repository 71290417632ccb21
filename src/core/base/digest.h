// Hashes and message authentication.
#pragma once

#include "core/base/secret.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace auth {

[[nodiscard]] std::string sha256(std::string_view bytes); // 32 bytes
// SHA-256 many times over: slower to start, several times as fast where the processor helps.
class Sha256 {
  public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;
    [[nodiscard]] std::string operator()(std::string_view bytes); // 32 bytes

  private:
    struct State;
    std::unique_ptr<State> state_;
};
// SHA-256 of bytes that come piece by piece.
class Sha256Stream {
  public:
    Sha256Stream();
    ~Sha256Stream();
    Sha256Stream(Sha256Stream&&) noexcept;
    Sha256Stream& operator=(Sha256Stream&&) noexcept;
    void add(std::string_view bytes);
    [[nodiscard]] std::string finish(); // 32 bytes; nothing is added afterwards

  private:
    struct State;
    std::unique_ptr<State> state_;
};
[[nodiscard]] std::string hmac_sha256(const Secret& key, std::string_view bytes); // 32 bytes
// RFC 5869 with SHA-256; `length` at most 8160 bytes.
[[nodiscard]] Secret hkdf_sha256(const Secret& key, std::string_view salt, std::string_view info,
                                 std::size_t length);

// Those that other systems use, by name: "md5", "sha1", "sha224", "sha256", "sha384", "sha512".
[[nodiscard]] std::size_t digest_size(std::string_view name); // in bytes; 0 for other names
[[nodiscard]] Secret digest(std::string_view name, std::string_view bytes);
[[nodiscard]] Secret hmac(std::string_view name, std::string_view key, std::string_view bytes);
// RFC 8018
[[nodiscard]] Secret pbkdf2(std::string_view name, std::string_view password, std::string_view salt,
                            std::uint32_t rounds, std::size_t length);

// Time depends on the lengths only.
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b);

} // namespace auth
