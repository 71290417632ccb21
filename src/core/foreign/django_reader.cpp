#include "core/foreign/foreign_readers.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace auth {
namespace {

// Names of groups by the keys that users have of them: numbers, or natural keys.
using Groups = std::map<std::string, std::string>;

std::string key_of(const Json& key) {
    return key.is_array() && key.size() == 1 && key.front().is_string()
               ? key.front().get<std::string>()
               : key.dump();
}

void gather_roles(const Json& fields, const Groups& groups, ForeignUser& user) {
    const Json& of_user = member(fields, "groups");
    if (of_user.is_array())
        for (const Json& key : of_user) {
            const auto found = groups.find(key_of(key));
            user.add_role(found == groups.end() ? fmt::format("group-{}", key_of(key))
                                                : found->second);
        }
    if (truth_at(fields, "is_staff").value_or(false))
        user.add_role("staff");
    if (truth_at(fields, "is_superuser").value_or(false))
        user.add_role("superuser");
}

Status gather_django_user(const Json& fields, const Groups& groups, ForeignUser& user) {
    UserRecord& record = user.record();
    record.email = text_at(fields, "email").value_or("");
    user.set_username(text_at(fields, "username").value_or(""));
    user.set_name(std::nullopt, text_at(fields, "first_name"), text_at(fields, "last_name"));
    gather_roles(fields, groups, user);
    // Django marks an account that has no password with '!' and something random.
    const std::string hash = text_at(fields, "password").value_or("");
    if (!hash.empty() && !hash.starts_with('!'))
        record.password_hash = hash;
    AUTH_TRY(const auto active, mark_at(fields, "is_active"));
    if (active)
        record.disabled = !*active;
    record.created_at = time_at(fields, "date_joined");
    record.last_login_at = time_at(fields, "last_login");
    user.leave_rest(fields,
                    {"password", "last_login", "is_superuser", "username", "first_name",
                     "last_name", "email", "is_staff", "is_active", "date_joined", "groups"});
    return {};
}

} // namespace

Result<std::unique_ptr<UserReader>> open_django(ByteSource source, std::string domain) {
    auto gather = [groups = Groups()](const Json& element,
                                      ForeignUser& user) mutable -> Result<bool> {
        const Json& fields = member(element, "fields");
        if (text_at(element, "model") == "auth.group") {
            const std::string name = text_at(fields, "name").value_or("");
            groups[member(element, "pk").dump()] = name;
            groups[name] = name;
            return false;
        }
        // A project's own model of a user has another name and these members.
        if (!fields.is_object() || !fields.contains("password") ||
            !(fields.contains("email") || fields.contains("username")))
            return false;
        AUTH_CHECK(gather_django_user(fields, groups, user));
        return true;
    };
    return read_elements(std::move(source), "objects", std::move(domain), std::move(gather));
}

} // namespace auth
