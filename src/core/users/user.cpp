#include "core/users/user.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

constexpr std::size_t max_attribute_bytes = 4096;

void set_text(std::optional<std::string>& field, const std::optional<std::string>& value,
              std::string_view name, std::vector<std::string>& changed) {
    if (!value)
        return;
    const auto wanted = value->empty() ? std::nullopt : value;
    if (field != wanted) {
        field = wanted;
        changed.emplace_back(name);
    }
}

} // namespace

bool is_attribute_name(std::string_view key) {
    return !key.empty() && key.size() <= 64 && std::all_of(key.begin(), key.end(), [](char c) {
        return is_letter_or_digit(c) || c == '_' || c == '-' || c == '.';
    });
}

Status check_profile(ProfileChange& change) {
    for (const ProfileField& field : profile_fields)
        if (auto& value = change.*field.place; value && !value->empty()) {
            AUTH_TRY(value, field.check(field, *value));
        }
    for (const auto& [key, value] : change.attributes) {
        if (!is_attribute_name(key))
            return fail(
                error(ErrorCode::usage,
                      fmt::format("'{}' is not an attribute name: it takes 1 to 64 letters, digits,"
                                  " '.', '_' or '-'",
                                  printable(key.substr(0, 80))))
                    .with_field("attributes"));
        AUTH_CHECK(parse_line(key, value, max_attribute_bytes));
    }
    return {};
}

std::vector<std::string> apply_profile(User& user, const ProfileChange& change) {
    std::vector<std::string> changed;
    for (const ProfileField& field : profile_fields)
        set_text(user.*field.place, change.*field.place, field.name, changed);
    Attributes wanted = user.attributes;
    for (const auto& [key, value] : change.attributes) {
        if (value.empty())
            wanted.erase(key);
        else
            wanted[key] = value;
    }
    if (wanted != user.attributes) {
        user.attributes = std::move(wanted);
        changed.emplace_back("attributes");
    }
    return changed;
}

} // namespace auth
