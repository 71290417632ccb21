#include "core/foreign/foreign_readers.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace auth {
namespace {

// Traits that have places of their own.
constexpr std::string_view placed[] = {"email", "username", "name", "phone"};

void gather_address(const Json& element, UserRecord& record) {
    const Json& addresses = member(element, "verifiable_addresses");
    if (!addresses.is_array())
        return;
    for (const Json& address : addresses) {
        const std::string value = text_at(address, "value").value_or("");
        if (text_at(address, "via") != "email" || value.empty())
            continue;
        if (record.email.empty())
            record.email = value;
        if (value == record.email) {
            record.verified = truth_at(address, "verified");
            record.verified_at = time_at(address, "verified_at");
            return;
        }
    }
}

void gather_credentials(const Json& element, ForeignUser& user) {
    UserRecord& record = user.record();
    const Json& credentials = member(element, "credentials");
    const Json& password = member(member(credentials, "password"), "config");
    record.password_hash = text_at(password, "hashed_password");
    if (const auto plain = text_at(password, "password"); plain && !record.password_hash)
        record.password.emplace(*plain);
    if (const auto uri = text_at(member(member(credentials, "totp"), "config"), "totp_url"))
        record.totp.emplace(*uri);
    user.leave_rest(credentials, {"password", "totp", "oidc", "code"});
}

// Addresses other than the user's own.
void leave_addresses(const Json& addresses, ForeignUser& user) {
    if (addresses.is_array())
        for (const Json& address : addresses)
            if (text_at(address, "value") != user.record().email)
                user.leave_behind("addresses");
}

Result<bool> gather_kratos_user(const Json& element, ForeignUser& user) {
    UserRecord& record = user.record();
    const Json& traits = member(element, "traits");
    record.id = text_at(element, "id");
    record.email = text_at(traits, "email").value_or("");
    gather_address(element, record);
    user.set_username(text_at(traits, "username").value_or(""));
    const Json& name = member(traits, "name");
    user.set_name(text_at(traits, "name"), text_at(name, "first"), text_at(name, "last"));
    record.phone = text_at(traits, "phone");
    if (traits.is_object())
        for (const auto& [trait, value] : traits.items())
            if (std::find(std::begin(placed), std::end(placed), trait) == std::end(placed))
                user.add_attribute(trait, value);
    user.add_attributes(member(element, "metadata_public"));
    user.add_operators_metadata(member(element, "metadata_admin"), "metadata_admin.");
    if (const Json& state = member(element, "state"); !state.is_null())
        record.disabled = state != "active";
    record.created_at = time_at(element, "created_at");
    record.updated_at = time_at(element, "updated_at");
    gather_credentials(element, user);
    leave_addresses(member(element, "verifiable_addresses"), user);
    leave_addresses(member(element, "recovery_addresses"), user);
    const Json& social = member(member(element, "credentials"), "oidc");
    user.add_identities(member(member(social, "config"), "providers"), "provider", "subject");
    user.leave_rest(element,
                    {"id", "traits", "state", "state_changed_at", "created_at", "updated_at",
                     "credentials", "verifiable_addresses", "recovery_addresses", "metadata_public",
                     "metadata_admin", "schema_id", "schema_url", "available_aal"});
    return true;
}

} // namespace

Result<std::unique_ptr<UserReader>> open_kratos(ByteSource source, std::string domain) {
    return read_elements(std::move(source), "identities", std::move(domain), gather_kratos_user);
}

} // namespace auth
