// What a manifest changes, value by value, for people and machines to read.
#pragma once

#include "core/users/user.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace auth {

// Nothing where there is no value, or none to be shown.
using FieldValue =
    std::variant<std::monostate, bool, std::int64_t, std::string, std::vector<std::string>>;

struct FieldChange {
    std::string field; // "name", "attributes.team", "password"
    FieldValue from{};
    FieldValue to{};
};

enum class ChangeAction { create, update, remove };
[[nodiscard]] std::string_view to_name(ChangeAction action); // "delete" for remove

struct Change {
    ChangeAction action = ChangeAction::create;
    std::string kind; // "user" or "role"
    std::string name; // an address or a role's name
    std::vector<FieldChange> fields{};
};

// What can be declared of a user. Without `before` only what `after` has.
[[nodiscard]] std::vector<FieldChange> difference(const std::optional<User>& before,
                                                  const User& after);

} // namespace auth
