// Bytes as text, and text as bytes. Decoders are strict: one text for one value.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace auth {

// RFC 4648 section 5, no padding.
[[nodiscard]] std::string to_base64url(std::string_view bytes);
// Nothing for padding, white space, other alphabets or non-zero trailing bits.
[[nodiscard]] std::optional<std::string> from_base64url(std::string_view text);

// RFC 4648 section 4, padded; strict like from_base64url.
[[nodiscard]] std::string to_base64(std::string_view bytes);
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);
// The same without padding, as PHC strings have it.
[[nodiscard]] std::string to_unpadded_base64(std::string_view bytes);
[[nodiscard]] std::optional<std::string> from_unpadded_base64(std::string_view text);

// RFC 4648 section 6, upper case, no padding; strict as well.
[[nodiscard]] std::string to_base32(std::string_view bytes);
[[nodiscard]] std::optional<std::string> from_base32(std::string_view text);

[[nodiscard]] std::string to_hex(std::string_view bytes);
[[nodiscard]] std::optional<std::string> from_hex(std::string_view text);

// Every byte as %XX but the unreserved ones (RFC 3986 section 2.3) and those of `kept`. Of a secret
// only what is returned is left to wipe.
[[nodiscard]] std::string percent_encoded(std::string_view text, std::string_view kept = {});

[[nodiscard]] inline std::span<const unsigned char> as_bytes(std::string_view text) {
    return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}
[[nodiscard]] inline std::string_view as_text(std::span<const unsigned char> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

} // namespace auth
