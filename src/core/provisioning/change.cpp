#include "core/provisioning/change.h"

#include <set>
#include <utility>

namespace auth {
namespace {

FieldValue value_of(const std::optional<std::string>& text) {
    return text ? FieldValue(*text) : FieldValue();
}

FieldValue value_of(const Attributes& attributes, const std::string& key) {
    const auto found = attributes.find(key);
    return found == attributes.end() ? FieldValue() : FieldValue(found->second);
}

} // namespace

std::string_view to_name(ChangeAction action) {
    switch (action) {
    case ChangeAction::create:
        return "create";
    case ChangeAction::update:
        return "update";
    case ChangeAction::remove:
        return "delete";
    }
    return {};
}

std::vector<FieldChange> difference(const std::optional<User>& before, const User& after) {
    const User old = before.value_or(User());
    std::vector<FieldChange> fields;
    const auto note = [&](std::string field, FieldValue from, FieldValue to) {
        if (from != to)
            fields.push_back(
                {std::move(field), before ? std::move(from) : FieldValue(), std::move(to)});
    };
    for (const ProfileField& field : profile_fields)
        note(std::string(field.name), value_of(old.*field.place), value_of(after.*field.place));
    std::set<std::string> keys;
    for (const Attributes& attributes : {old.attributes, after.attributes})
        for (const auto& [key, value] : attributes)
            keys.insert(key);
    for (const std::string& key : keys)
        note("attributes." + key, value_of(old.attributes, key), value_of(after.attributes, key));
    note("roles", old.roles, after.roles);
    note("verified", old.verified_at.has_value(), after.verified_at.has_value());
    note("disabled", old.disabled_at.has_value(), after.disabled_at.has_value());
    note("must_change_password", old.must_change_password, after.must_change_password);
    return fields;
}

} // namespace auth
