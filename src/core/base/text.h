// Text from outside: what may be stored, what may be shown, what was probably meant.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

// Of ASCII.
[[nodiscard]] constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
[[nodiscard]] constexpr bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
[[nodiscard]] constexpr bool is_letter_or_digit(char c) {
    return is_letter(c) || is_digit(c);
}

[[nodiscard]] bool valid_utf8(std::string_view text);

// Nothing unprintable reaches a terminal: C0, C1, DEL, bidi controls, zero-width characters and
// invalid UTF-8 become \n, \x1b or \u{202e} style escapes.
[[nodiscard]] std::string printable(std::string_view text);

// For messages: in single quotes, printable, cut to 80 code points.
[[nodiscard]] std::string in_quotes(std::string_view text);

// A one-line profile value: valid UTF-8 without control characters, at most `max_bytes`. Fails with
// usage for `field`.
inline constexpr std::size_t longest_line = 1024;
[[nodiscard]] Result<std::string> parse_line(std::string_view field, std::string_view text,
                                             std::size_t max_bytes = longest_line);

// The text with a space in place of each control character, line separator and byte that is not
// UTF-8.
[[nodiscard]] std::string one_line(std::string_view text);

// Columns a terminal gives the text; combining marks take none, wide characters two.
[[nodiscard]] std::size_t display_width(std::string_view text);

// Unicode normalisation forms; the text must be valid UTF-8.
[[nodiscard]] std::string nfc(std::string_view text);
[[nodiscard]] std::string nfkc(std::string_view text);

// The text as one word of a POSIX shell: in single quotes where it needs them.
[[nodiscard]] std::string shell_word(std::string_view text);

[[nodiscard]] std::string lower_ascii(std::string_view text);

// true, t, yes, y, on, 1 and their opposites, in any case.
[[nodiscard]] std::optional<bool> parse_truth(std::string_view text);
// A decimal number and nothing else; a '-' may stand before it.
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text);

// Without what stands of `blanks` at its beginning and end.
inline constexpr std::string_view white_space = " \t\n\r";
[[nodiscard]] std::string_view trimmed(std::string_view text, std::string_view blanks = " ");

// "1 user", "2 users": for words whose plural ends in s.
[[nodiscard]] std::string counted(std::int64_t count, std::string_view what);

// The parts between the separators; none of an empty text.
[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);

// The candidate nearest to `word`, or an empty string where none is near enough to be meant: it
// differs by at most a third of the letters, or starts with `word`.
[[nodiscard]] std::string nearest(std::string_view word, std::span<const std::string> candidates);
// A hint: "did you mean 'NEAREST'?", or `otherwise` where none is near.
[[nodiscard]] Hint did_you_mean(std::string_view word, std::span<const std::string> candidates,
                                Hint otherwise = {});

} // namespace auth
