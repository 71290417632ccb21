#include "core/store/text_list.h"

#include "core/base/json.h"

#include <fmt/format.h>

namespace auth {

std::string text_list(std::span<const std::string_view> texts) {
    std::string list = "[";
    for (const std::string_view text : texts) {
        if (list.size() > 1)
            list += ',';
        append_json_string(list, text);
    }
    return list += ']';
}

std::string texts_at(const Database& database, std::string_view place) {
    return fmt::format(fmt::runtime(database.dialect().texts_of), place);
}

} // namespace auth
