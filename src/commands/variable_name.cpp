#include "commands/variable_name.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {

Status check_variable_name(std::string_view name) {
    const auto letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    const bool good =
        !name.empty() && letter(name.front()) &&
        std::ranges::all_of(name, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
    if (good)
        return {};
    return fail(error(ErrorCode::usage, fmt::format("{} is no name of a variable", in_quotes(name)))
                    .with_field("env"));
}

} // namespace auth
