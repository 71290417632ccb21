#include "core/base/encoding.h"
#include "core/base/text.h"
#include "core/foreign/foreign_readers.h"
#include "core/passwords/forms.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace auth {
namespace {

// secretData and credentialData are JSON in a string.
Result<Json> inner_json(const Json& credential, std::string_view name) {
    const std::string text = text_at(credential, name).value_or("{}");
    auto parsed = parse_json(text);
    if (!parsed || !parsed->is_object())
        return unusable_hash(fmt::format("the {} of a credential is not a JSON object", name));
    return parsed;
}

// Members of additionalParameters are lists of one text.
std::optional<std::string> parameter(const Json& data, std::string_view name) {
    const Json& values = member(member(data, "additionalParameters"), name);
    return values.is_array() && values.size() == 1 && values.front().is_string()
               ? std::optional(values.front().get<std::string>())
               : std::nullopt;
}

std::optional<std::uint32_t> small_number(std::optional<std::int64_t> value) {
    return value && *value > 0 && *value <= UINT32_MAX
               ? std::optional(static_cast<std::uint32_t>(*value))
               : std::nullopt;
}

std::optional<std::uint32_t> parameter_number(const Json& data, std::string_view name) {
    const Json text{{"value", parameter(data, name).value_or("")}};
    return small_number(number_at(text, "value"));
}

Result<std::string> argon2_of(const Json& data, std::uint32_t passes, const std::string& salt,
                              const std::string& value) {
    const std::string type = "argon2" + parameter(data, "type").value_or("id");
    const auto memory = parameter_number(data, "memory");
    const auto lanes = parameter_number(data, "parallelism");
    if (!memory || !lanes || parameter(data, "version").value_or("1.3") != "1.3")
        return unusable_hash("the argon2 credential lacks memory or parallelism, or is not of "
                             "version 1.3");
    return argon2_hash(type, *memory, passes, *lanes, salt, value);
}

Result<std::string> keycloak_hash(const Json& credential) {
    AUTH_TRY(Json secret, inner_json(credential, "secretData"));
    AUTH_TRY(Json data, inner_json(credential, "credentialData"));
    // Before Keycloak 8 all of it stood in the credential itself.
    if (const auto hash = text_at(credential, "hashedSaltedValue")) {
        secret = {{"value", *hash}, {"salt", member(credential, "salt")}};
        data = credential;
    }
    const std::string text = text_at(secret, "value").value_or("");
    // The bcrypt provider keeps the whole hash, salt and all.
    if (text.starts_with("$2"))
        return text;
    const auto value = from_base64(text);
    const auto salt = from_base64(text_at(secret, "salt").value_or(""));
    const auto rounds = small_number(number_at(data, "hashIterations"));
    if (!value || value->empty() || !salt || !rounds)
        return unusable_hash("the password credential lacks value, salt or hashIterations");
    const std::string algorithm = text_at(data, "algorithm").value_or("pbkdf2");
    if (algorithm == "argon2")
        return argon2_of(data, *rounds, *salt, *value);
    if (algorithm == "pbkdf2")
        return pbkdf2_hash("sha1", *rounds, *salt, *value);
    if (algorithm == "pbkdf2-sha256" || algorithm == "pbkdf2-sha512")
        return pbkdf2_hash(algorithm.substr(7), *rounds, *salt, *value);
    return unusable_hash(fmt::format("the password algorithm {} is not known: pbkdf2, "
                                     "pbkdf2-sha256, pbkdf2-sha512, argon2 and bcrypt are",
                                     in_quotes(algorithm)));
}

// The secret is the text itself, unless it says that it is base 32.
Result<Secret> totp_of(const Json& credential, std::string_view account) {
    AUTH_TRY(const Json secret, inner_json(credential, "secretData"));
    AUTH_TRY(const Json data, inner_json(credential, "credentialData"));
    const std::string value = text_at(secret, "value").value_or("");
    std::string algorithm = text_at(data, "algorithm").value_or("HmacSHA1");
    if (algorithm.starts_with("Hmac"))
        algorithm.erase(0, 4);
    const bool is_base32 = text_at(data, "secretEncoding") == "BASE32";
    return otpauth_of(account, is_base32 ? value : to_base32(value), algorithm,
                      number_at(data, "digits").value_or(6),
                      number_at(data, "period").value_or(30));
}

Status gather_credential(const Json& credential, ForeignUser& user) {
    UserRecord& record = user.record();
    const std::string type = text_at(credential, "type").value_or("");
    if (type == "password" && (record.password || record.password_hash || record.hash_error)) {
        user.leave_behind("second_passwords");
    } else if (type == "password" && text_at(credential, "value")) {
        record.password.emplace(*text_at(credential, "value"));
        if (truth_at(credential, "temporary").value_or(false))
            record.must_change_password = true;
    } else if (type == "password") {
        user.set_hash(keycloak_hash(credential));
        record.password_changed_at = milliseconds_at(credential, "createdDate");
    } else if (type == "otp" && !record.totp) {
        AUTH_TRY(const Json data, inner_json(credential, "credentialData"));
        if (text_at(data, "subType").value_or("totp") == "totp") {
            AUTH_TRY(record.totp,
                     totp_of(credential,
                             record.email.empty() ? record.username.value_or("") : record.email));
        } else {
            user.leave_behind("second_factors");
        }
    } else {
        user.leave_behind(type == "otp" || type.starts_with("webauthn") ? "second_factors" : type);
    }
    return {};
}

// Roles that Keycloak itself gives to everyone.
bool is_built_in(std::string_view role) {
    return role == "offline_access" || role == "uma_authorization" ||
           role.starts_with("default-roles-");
}

void gather_actions(const Json& actions, ForeignUser& user) {
    if (!actions.is_array())
        return;
    for (const Json& action : actions) {
        const std::string name = action.is_string() ? action.get<std::string>() : action.dump();
        if (name == "UPDATE_PASSWORD")
            user.record().must_change_password = true;
        else if (name == "VERIFY_EMAIL")
            user.record().verified = false;
        else
            user.leave_behind(name);
    }
}

// Roles of clients as CLIENT:ROLE, but for those of Keycloak's own clients.
void gather_client_roles(const Json& clients, ForeignUser& user) {
    if (!clients.is_object())
        return;
    for (const auto& [client, roles] : clients.items())
        if (client == "account" || client == "realm-management" || client == "broker")
            user.leave_behind("client_roles", static_cast<std::int64_t>(roles.size()));
        else if (roles.is_array())
            for (const Json& role : roles)
                if (role.is_string())
                    user.add_role(fmt::format("{}:{}", client, role.get<std::string>()));
}

// Groups are given by their paths, "/staff/night"; the role has the group's own name.
void gather_groups(const Json& groups, ForeignUser& user) {
    if (groups.is_array())
        for (const Json& group : groups)
            if (group.is_string()) {
                const auto path = group.get<std::string>();
                user.add_role(std::string_view(path).substr(path.rfind('/') + 1));
            }
}

Result<bool> gather_keycloak_user(const Json& element, ForeignUser& user) {
    UserRecord& record = user.record();
    // Accounts of clients, which no person logs in to.
    if (text_at(element, "serviceAccountClientId")) {
        record.is_user = false;
        user.leave_behind("service_accounts");
        return true;
    }
    record.id = text_at(element, "id");
    record.email = text_at(element, "email").value_or("");
    user.set_username(text_at(element, "username").value_or(""));
    user.set_name(std::nullopt, text_at(element, "firstName"), text_at(element, "lastName"));
    user.add_attributes(member(element, "attributes"));
    const Json& roles = member(element, "realmRoles");
    if (roles.is_array())
        for (const Json& role : roles)
            if (role.is_string() && !is_built_in(role.get_ref<const std::string&>()))
                user.add_role(role.get_ref<const std::string&>());
    user.add_identities(member(element, "federatedIdentities"), "identityProvider", "userId");
    record.verified = truth_at(element, "emailVerified");
    AUTH_TRY(const auto enabled, mark_at(element, "enabled"));
    if (enabled)
        record.disabled = !*enabled;
    record.created_at = milliseconds_at(element, "createdTimestamp");
    gather_actions(member(element, "requiredActions"), user);
    gather_groups(member(element, "groups"), user);
    gather_client_roles(member(element, "clientRoles"), user);
    const Json& credentials = member(element, "credentials");
    if (credentials.is_array())
        for (const Json& credential : credentials)
            AUTH_CHECK(gather_credential(credential, user));
    // The last ones say what the realm makes of all others, and of its own doings.
    user.leave_rest(element, {"id",
                              "email",
                              "username",
                              "firstName",
                              "lastName",
                              "attributes",
                              "realmRoles",
                              "federatedIdentities",
                              "emailVerified",
                              "enabled",
                              "createdTimestamp",
                              "requiredActions",
                              "groups",
                              "clientRoles",
                              "credentials",
                              "self",
                              "origin",
                              "access",
                              "notBefore",
                              "totp",
                              "disableableCredentialTypes"});
    return true;
}

} // namespace

Result<std::unique_ptr<UserReader>> open_keycloak(ByteSource source, std::string domain) {
    return read_elements(std::move(source), "users", std::move(domain), gather_keycloak_user);
}

} // namespace auth
