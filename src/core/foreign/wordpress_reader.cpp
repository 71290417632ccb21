#include "core/base/text.h"
#include "core/foreign/foreign_readers.h"

#include <nlohmann/json.hpp>

namespace auth {
namespace {

// JSON has them as a list, CSV as one text with commas.
void gather_roles(const Json& roles, ForeignUser& user) {
    if (roles.is_array())
        for (const Json& role : roles)
            gather_roles(role, user);
    else if (roles.is_string())
        for (const std::string& role : split(roles.get<std::string>(), ','))
            if (const auto name = trimmed(role); !name.empty())
                user.add_role(name);
}

Result<bool> gather_wordpress_user(const Json& element, ForeignUser& user) {
    UserRecord& record = user.record();
    record.email = text_at(element, "user_email").value_or("");
    const std::string login = text_at(element, "user_login").value_or("");
    user.set_username(login);
    auto shown = text_at(element, "display_name");
    if (shown == login)
        shown.reset(); // what WordPress gives who has no name
    user.set_name(shown, text_at(element, "first_name"), text_at(element, "last_name"));
    user.set_lockable_hash(text_at(element, "user_pass").value_or(""));
    record.created_at = time_at(element, "user_registered");
    gather_roles(member(element, "roles"), user);
    // Of a network of sites.
    for (const char* const mark : {"spam", "deleted"}) {
        AUTH_TRY(const auto set, mark_at(element, mark));
        if (set.value_or(false))
            user.shut_out(mark);
    }
    for (const char* const name : {"user_url", "nickname", "description", "locale"})
        user.add_attribute(name, member(element, name));
    user.add_attribute("wordpress_id", member(element, "ID"));
    // The last ones repeat others, or say nothing since long.
    user.leave_rest(element, {"user_login", "user_email", "display_name", "first_name", "last_name",
                              "user_pass", "user_registered", "roles", "spam", "deleted",
                              "user_url", "nickname", "description", "locale", "ID",
                              "user_nicename", "user_status", "user_activation_key"});
    return true;
}

} // namespace

Result<std::unique_ptr<UserReader>> open_wordpress(ByteSource source, std::string domain) {
    return read_elements_or_table(std::move(source), "users", {}, std::move(domain),
                                  gather_wordpress_user);
}

} // namespace auth
