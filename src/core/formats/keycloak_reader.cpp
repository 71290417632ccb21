#include "core/base/encoding.h"
#include "core/base/text.h"
#include "core/formats/foreign_readers.h"
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
        return unusable_hash(fmt::format("the {} of a credential is no JSON object", name));
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
    AUTH_TRY(const Json secret, inner_json(credential, "secretData"));
    AUTH_TRY(const Json data, inner_json(credential, "credentialData"));
    const auto value = from_base64(text_at(secret, "value").value_or(""));
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
                                     "pbkdf2-sha256, pbkdf2-sha512 and argon2 are",
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

Status gather_credential(const Json& credential, UserRecord& record) {
    const std::string type = text_at(credential, "type").value_or("");
    if (type == "password" && text_at(credential, "value")) {
        record.password.emplace(*text_at(credential, "value"));
        if (truth_at(credential, "temporary").value_or(false))
            record.must_change_password = true;
    } else if (type == "password" && !record.password_hash) {
        AUTH_TRY(record.password_hash, keycloak_hash(credential));
        record.password_changed_at = milliseconds_at(credential, "createdDate");
    } else if (type == "otp" && !record.totp) {
        AUTH_TRY(const Json data, inner_json(credential, "credentialData"));
        if (text_at(data, "subType").value_or("totp") == "totp") {
            AUTH_TRY(record.totp,
                     totp_of(credential,
                             record.email.empty() ? record.username.value_or("") : record.email));
        }
    }
    return {};
}

// Roles that Keycloak itself gives to everyone.
bool is_built_in(std::string_view role) {
    return role == "offline_access" || role == "uma_authorization" ||
           role.starts_with("default-roles-");
}

bool has_text(const Json& list, std::string_view wanted) {
    if (list.is_array())
        for (const Json& value : list)
            if (value.is_string() && value.get_ref<const std::string&>() == wanted)
                return true;
    return false;
}

Result<bool> gather_keycloak_user(const Json& element, ForeignUser& user) {
    UserRecord& record = user.record();
    // Accounts of clients, which no person logs in to.
    if (text_at(element, "serviceAccountClientId"))
        return false;
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
    if (const auto enabled = truth_at(element, "enabled"))
        record.disabled = !*enabled;
    record.created_at = milliseconds_at(element, "createdTimestamp");
    if (has_text(member(element, "requiredActions"), "UPDATE_PASSWORD"))
        record.must_change_password = true;
    const Json& credentials = member(element, "credentials");
    if (credentials.is_array())
        for (const Json& credential : credentials)
            AUTH_CHECK(gather_credential(credential, record));
    return true;
}

} // namespace

Result<std::unique_ptr<UserReader>> open_keycloak(ByteSource source, std::string domain) {
    return read_elements(std::move(source), "users", std::move(domain), gather_keycloak_user);
}

} // namespace auth
