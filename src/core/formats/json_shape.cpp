#include "core/formats/json_shape.h"

#include "core/base/text.h"

#include <fmt/format.h>

namespace auth {
namespace {

// Takes a string with its quotes off the front; false where the text ends within it.
bool take_string(std::string_view& rest, std::string_view& inside) {
    for (std::size_t i = 1; i < rest.size(); ++i) {
        if (rest[i] == '\\') {
            ++i;
        } else if (rest[i] == '"') {
            inside = rest.substr(1, i - 1);
            rest.remove_prefix(i + 1);
            return true;
        }
    }
    return false;
}

char first_after_space(std::string_view text) {
    const std::size_t at = text.find_first_not_of(json_space);
    return at == std::string_view::npos ? '\0' : text[at];
}

} // namespace

JsonOutline outline_json(std::string_view head) {
    JsonOutline outline;
    outline.opener = first_after_space(head);
    if (outline.opener != '{' && outline.opener != '[')
        return outline;
    std::string_view rest = head.substr(head.find(outline.opener));
    if (outline.opener == '[')
        outline.elements.emplace("", rest.substr(1));
    for (int depth = 0; !rest.empty();) {
        const char c = rest.front();
        if (c == '"') {
            std::string_view inside;
            if (!take_string(rest, inside))
                break;
            if (depth != 1 || outline.opener != '{' || first_after_space(rest) != ':')
                continue;
            outline.members.emplace_back(inside);
            const std::string_view value = rest.substr(rest.find(':') + 1);
            if (first_after_space(value) == '[')
                outline.elements.emplace(inside, value.substr(value.find('[') + 1));
            continue;
        }
        outline.one_line = outline.one_line && c != '\n';
        depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
        rest.remove_prefix(1);
        if (depth == 0) {
            outline.closed = true;
            break;
        }
    }
    return outline;
}

std::optional<Error> text_before_json(std::string_view head) {
    const std::string_view first = trimmed(head.substr(0, head.find('\n')), json_space);
    std::size_t number = 0;
    for (std::string_view rest = head; !rest.empty();) {
        ++number;
        const std::string_view line = rest.substr(0, rest.find('\n'));
        const std::string_view text = trimmed(line, json_space);
        if (text.starts_with('{') || text.starts_with('['))
            break;
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        if (rest.empty())
            return std::nullopt;
    }
    if (number < 2)
        return std::nullopt;
    return error(ErrorCode::usage,
                 fmt::format("the file begins with the text {}; its JSON begins on line {}",
                             in_quotes(first.substr(0, 40)), number))
        .with_hint(fmt::format("cut it off: tail -n +{} FILE", number))
        .with_field("from");
}

} // namespace auth
