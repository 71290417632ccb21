#include "core/profile/profile.h"

#include "core/base/ids.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace auth {
namespace {

constexpr std::string_view breaks = "\r\n";

// The text with `mark` for each line break within it, of whatever system.
std::string with_breaks(std::string_view text, char mark) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool pair = text[i] == '\r' && text[i + 1] == '\n';
        out += text[i] == '\r' || text[i] == '\n' ? mark : text[i];
        i += pair ? 1 : 0;
    }
    return out;
}

} // namespace

Result<std::string> check_line(const ProfileField& field, std::string_view value) {
    value = trimmed(value, breaks);
    return value.find_first_of(breaks) == std::string_view::npos
               ? parse_line(field.name, value)
               : parse_line(field.name, with_breaks(value, ' '));
}

Result<std::string> check_lines(const ProfileField& field, std::string_view value) {
    std::string text = with_breaks(trimmed(value, breaks), '\n');
    for (const std::string& line : split(text, '\n'))
        AUTH_CHECK(parse_line(field.name, line));
    if (text.size() > longest_line)
        return fail(error(ErrorCode::usage,
                          fmt::format("the {} is longer than {} bytes", field.name, longest_line))
                        .with_field(std::string(field.name)));
    return text;
}

Result<std::string> check_username(const ProfileField& /*field*/, std::string_view value) {
    AUTH_CHECK(Username::parse(value));
    return std::string(value);
}

} // namespace auth
