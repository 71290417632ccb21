#include "core/base/text.h"
#include "core/formats/foreign_readers.h"

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
    if (const auto hash = text_at(element, "user_pass"); hash && !hash->empty())
        record.password_hash = hash;
    record.created_at = time_at(element, "user_registered");
    gather_roles(member(element, "roles"), user);
    // Of a network of sites.
    if (truth_at(element, "spam").value_or(false) || truth_at(element, "deleted").value_or(false))
        record.disabled = true;
    for (const char* const name : {"user_url", "nickname", "description", "locale"})
        user.add_attribute(name, member(element, name));
    user.add_attribute("wordpress_id", member(element, "ID"));
    return true;
}

} // namespace

Result<std::unique_ptr<UserReader>> open_wordpress(ByteSource source, std::string domain) {
    return read_elements_or_table(std::move(source), "users", {}, std::move(domain),
                                  gather_wordpress_user);
}

} // namespace auth
