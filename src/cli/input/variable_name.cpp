#include "cli/input/variable_name.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {

Status check_variable_name(std::string_view name) {
    const bool good =
        !name.empty() && !is_digit(name.front()) &&
        std::ranges::all_of(name, [](char c) { return is_letter_or_digit(c) || c == '_'; });
    if (good)
        return {};
    return fail(
        error(ErrorCode::usage, fmt::format("{} is not a name of a variable", in_quotes(name)))
            .with_field("env"));
}

} // namespace auth
