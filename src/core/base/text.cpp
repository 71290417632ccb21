#include "core/base/text.h"

#include "core/base/broken.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <memory>
#include <new>
#include <utility>

namespace auth {
namespace {

struct CodePoint {
    utf8proc_int32_t value; // negative for a byte that is not UTF-8
    std::size_t bytes;
};

CodePoint first_code_point(std::string_view text) {
    utf8proc_int32_t value = -1;
    const auto bytes = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                        static_cast<utf8proc_ssize_t>(text.size()), &value);
    if (bytes <= 0 || value < 0)
        return {-1, 1};
    return {value, static_cast<std::size_t>(bytes)};
}

// How many bytes at the start are ASCII that shows.
std::size_t plain_size(std::string_view text) {
    const auto plain = [](char c) { return c >= ' ' && c <= '~'; };
    return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), plain) -
                                    text.begin());
}

bool is_control(utf8proc_int32_t value) {
    return utf8proc_category(value) == UTF8PROC_CATEGORY_CC;
}

// Default_Ignorable_Code_Point covers what Cf leaves out: fillers and variation selectors.
bool shows_nothing(utf8proc_int32_t value) {
    switch (utf8proc_category(value)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return true;
    default:
        return utf8proc_get_property(value)->ignorable != 0;
    }
}

std::string escaped(utf8proc_int32_t value) {
    switch (value) {
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    default:
        return value < 0x80 ? fmt::format("\\x{:02x}", value) : fmt::format("\\u{{{:x}}}", value);
    }
}

std::string normalised(std::string_view text, int options) {
    utf8proc_uint8_t* raw = nullptr;
    const auto size =
        utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                     static_cast<utf8proc_ssize_t>(text.size()), &raw,
                     static_cast<utf8proc_option_t>(options | UTF8PROC_STABLE | UTF8PROC_COMPOSE));
    const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owned(raw, &std::free);
    if (size == UTF8PROC_ERROR_NOMEM)
        out_of_memory();
    if (size < 0)
        bug("text to normalise is not UTF-8");
    return {reinterpret_cast<const char*>(owned.get()), static_cast<std::size_t>(size)};
}

// Optimal string alignment: insert, delete, replace, or swap two neighbours.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> older(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], older[j - 2] + 1);
        }
        std::swap(older, last);
        std::swap(last, row);
    }
    return last[b.size()];
}

} // namespace

bool valid_utf8(std::string_view text) {
    const auto plain = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
    while (!text.empty()) {
        text.remove_prefix(static_cast<std::size_t>(
            std::find_if_not(text.begin(), text.end(), plain) - text.begin()));
        if (text.empty())
            break;
        const CodePoint next = first_code_point(text);
        if (next.value < 0)
            return false;
        text.remove_prefix(next.bytes);
    }
    return true;
}

std::string printable(std::string_view text) {
    if (plain_size(text) == text.size())
        return std::string(text);
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const CodePoint next = first_code_point(text);
        if (next.value < 0)
            out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
        else if (shows_nothing(next.value))
            out += escaped(next.value);
        else
            out += text.substr(0, next.bytes);
        text.remove_prefix(next.bytes);
    }
    return out;
}

std::string in_quotes(std::string_view text) {
    constexpr std::size_t most = 80;
    // A code point takes at most four bytes: nothing behind these can be shown.
    const std::string shown = printable(text.substr(0, (most + 1) * 4));
    std::size_t end = 0;
    for (std::size_t count = 0; end < shown.size(); ++count) {
        if (count == most)
            return fmt::format("'{}…'", shown.substr(0, end));
        end += first_code_point(std::string_view(shown).substr(end)).bytes;
    }
    return fmt::format("'{}'", shown);
}

Result<std::string> parse_line(std::string_view field, std::string_view text,
                               std::size_t max_bytes) {
    const auto refused = [&](std::string why) {
        return fail(error(ErrorCode::usage, fmt::format("the {} {}", field, why))
                        .with_field(std::string(field)));
    };
    if (text.size() > max_bytes)
        return refused(fmt::format("is longer than {} bytes", max_bytes));
    for (std::string_view rest = text; rest.remove_prefix(plain_size(rest)), !rest.empty();) {
        const CodePoint next = first_code_point(rest);
        if (next.value < 0)
            return refused("is not valid UTF-8");
        const auto category = utf8proc_category(next.value);
        if (is_control(next.value) || category == UTF8PROC_CATEGORY_ZL ||
            category == UTF8PROC_CATEGORY_ZP)
            return refused("may not hold line breaks or control characters");
        rest.remove_prefix(next.bytes);
    }
    return std::string(text);
}

std::string one_line(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const CodePoint point = first_code_point(text);
        const bool breaks = point.value < 0 || is_control(point.value) || point.value == 0x2028 ||
                            point.value == 0x2029;
        out += breaks ? " " : text.substr(0, point.bytes);
        text.remove_prefix(point.bytes);
    }
    return out;
}

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    while (!text.empty()) {
        const CodePoint next = first_code_point(text);
        width += next.value < 0 ? 1U : static_cast<std::size_t>(utf8proc_charwidth(next.value));
        text.remove_prefix(next.bytes);
    }
    return width;
}

std::string nfc(std::string_view text) {
    return normalised(text, 0);
}

std::string nfkc(std::string_view text) {
    return normalised(text, UTF8PROC_COMPAT);
}

std::string shell_word(std::string_view text) {
    const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return is_letter_or_digit(c) ||
               std::string_view("@._+-:/,").find(c) != std::string_view::npos;
    });
    if (plain)
        return std::string(text);
    std::string out = "'";
    for (const char c : text)
        out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

std::string lower_ascii(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    return out;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

std::optional<bool> parse_truth(std::string_view text) {
    const std::string word = lower_ascii(text);
    for (const std::string_view yes : {"true", "t", "yes", "y", "on", "1"})
        if (word == yes)
            return true;
    for (const std::string_view no : {"false", "f", "no", "n", "off", "0"})
        if (word == no)
            return false;
    return std::nullopt;
}

std::string_view trimmed(std::string_view text, std::string_view blanks) {
    const std::size_t start = text.find_first_not_of(blanks);
    if (start == std::string_view::npos)
        return {};
    return text.substr(start, text.find_last_not_of(blanks) + 1 - start);
}

std::string counted(std::int64_t count, std::string_view what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(separator), text.size());
        parts.emplace_back(text.substr(0, end));
        if (end + 1 == text.size())
            parts.emplace_back(); // after a separator at the very end
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

std::string nearest(std::string_view word, std::span<const std::string> candidates) {
    const std::string typed = lower_ascii(word);
    std::string best;
    std::size_t best_distance = std::string::npos;
    for (const std::string& candidate : candidates) {
        const std::string name = lower_ascii(candidate);
        const std::size_t distance = edit_distance(typed, name);
        const bool close =
            distance <= std::max<std::size_t>(1, typed.size() / 3) && distance < typed.size();
        const bool completes = typed.size() >= 2 && name.starts_with(typed);
        if ((close || completes) && distance < best_distance) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}

Hint did_you_mean(std::string_view word, std::span<const std::string> candidates, Hint otherwise) {
    const std::string meant = nearest(word, candidates);
    return meant.empty() ? std::move(otherwise) : Hint(fmt::format("did you mean '{}'?", meant));
}

} // namespace auth
