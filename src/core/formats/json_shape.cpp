#include "core/formats/json_shape.h"

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

} // namespace auth
