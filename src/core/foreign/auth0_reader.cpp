#include "core/base/encoding.h"
#include "core/base/ids.h"
#include "core/base/text.h"
#include "core/foreign/foreign_readers.h"
#include "core/passwords/forms.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace auth {
namespace {

// {"value": …, "encoding": "base64"|"hex"|"utf8"}
Result<std::string> bytes_of(const Json& coded, std::string_view usual_encoding) {
    std::string value = text_at(coded, "value").value_or("");
    const std::string encoding = text_at(coded, "encoding").value_or(std::string(usual_encoding));
    std::optional<std::string> bytes;
    if (encoding == "utf8") {
        bytes = value;
    } else if (encoding == "hex") {
        bytes = from_hex(lower_ascii(value));
    } else if (encoding == "base64") {
        value.erase(std::find(value.begin(), value.end(), '='), value.end());
        value.append((4 - value.size() % 4) % 4, '=');
        bytes = from_base64(value);
    }
    if (!bytes)
        return unusable_hash(
            fmt::format("a value of custom_password_hash is not {}", in_quotes(encoding)));
    return *bytes;
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

Result<std::string> scrypt_of(const Json& custom, const std::string& salt,
                              const std::string& value) {
    const std::int64_t n = number_at(custom, "cost").value_or(16384);
    const std::int64_t r = number_at(custom, "blockSize").value_or(8);
    const std::int64_t p = number_at(custom, "parallelization").value_or(1);
    if (n < 2 || r < 1 || p < 1 || r > UINT32_MAX || p > UINT32_MAX)
        return unusable_hash("cost, blockSize and parallelization must be positive");
    return scrypt_hash(static_cast<std::uint64_t>(n), static_cast<std::uint32_t>(r),
                       static_cast<std::uint32_t>(p), salt, value);
}

Result<std::string> auth0_hash(const Json& custom) {
    const std::string algorithm = text_at(custom, "algorithm").value_or("");
    const Json& hash = member(custom, "hash");
    const std::string encoding = text_at(member(custom, "password"), "encoding").value_or("utf8");
    if (!is_one_of(encoding, {"utf8", "ascii"}))
        return unusable_hash(fmt::format("the password encoding {} is not known: utf8 and ascii "
                                         "are",
                                         in_quotes(encoding)));
    if (is_one_of(algorithm, {"argon2", "bcrypt", "ldap", "pbkdf2"}))
        return bytes_of(hash, "utf8"); // a text that says all
    if (!is_one_of(algorithm, {"md5", "sha1", "sha256", "sha512", "hmac", "scrypt"}))
        return unusable_hash(
            fmt::format("the password algorithm {} is not known", in_quotes(algorithm)));
    AUTH_TRY(const std::string value, bytes_of(hash, "hex"));
    AUTH_TRY(const std::string salt, bytes_of(member(custom, "salt"), "utf8"));
    if (algorithm == "scrypt")
        return scrypt_of(custom, salt, value);
    if (algorithm == "hmac") {
        if (!salt.empty())
            return unusable_hash("an hmac with a salt is not known");
        AUTH_TRY(const std::string key, bytes_of(member(hash, "key"), "utf8"));
        return hmac_digest(text_at(hash, "digest").value_or(""), key, value);
    }
    const bool behind = text_at(member(custom, "salt"), "position") == "suffix";
    return salted_digest(algorithm, behind ? SaltPosition::after : SaltPosition::before, salt,
                         value);
}

void gather_password(const Json& element, ForeignUser& user) {
    UserRecord& record = user.record();
    const Json& custom = member(element, "custom_password_hash");
    if (custom.is_object())
        return user.set_hash(auth0_hash(custom));
    record.password_hash = text_at(element, "password_hash");
    if (!record.password_hash)
        record.password_hash = text_at(element, "passwordHash");
}

void gather_second_factor(const Json& element, ForeignUser& user) {
    UserRecord& record = user.record();
    const Json& factors = member(element, "mfa_factors");
    if (!factors.is_array())
        return;
    for (const Json& factor : factors) {
        const auto secret = text_at(member(factor, "totp"), "secret");
        if (secret && !record.totp)
            record.totp = otpauth_of(record.email, *secret);
        else
            user.leave_behind("second_factors");
    }
}

void leave_logins(const Json& element, ForeignUser& user) {
    const Json& identities = member(element, "identities");
    if (identities.is_array())
        for (const Json& one : identities)
            user.leave_behind("identities", text_at(one, "provider") == "auth0" ? 0 : 1);
}

Result<bool> gather_auth0_user(const Json& element, ForeignUser& user) {
    UserRecord& record = user.record();
    record.email = text_at(element, "email").value_or("");
    user.set_username(text_at(element, "username").value_or(""));
    auto full = text_at(element, "name");
    if (full == record.email)
        full.reset(); // what Auth0 gives who has no name
    user.set_name(full, text_at(element, "given_name"), text_at(element, "family_name"));
    record.phone = text_at(element, "phone_number");
    record.verified = truth_at(element, "email_verified");
    AUTH_TRY(record.disabled, mark_at(element, "blocked"));
    record.created_at = time_at(element, "created_at");
    record.updated_at = time_at(element, "updated_at");
    record.last_login_at = time_at(element, "last_login");
    user.add_attributes(member(element, "user_metadata"));
    user.add_operators_metadata(member(element, "app_metadata"), "app_metadata.");
    user.add_attribute("picture", member(element, "picture"));
    user.add_attribute("nickname", member(element, "nickname"));
    // Ids of Auth0's own are "auth0|…"; those of imported users are what their file said.
    if (const auto id = text_at(element, "user_id"); id && UserId::parse(*id))
        record.id = id;
    else
        user.add_attribute("auth0_user_id", member(element, "user_id"));
    gather_password(element, user);
    gather_second_factor(element, user);
    leave_logins(element, user);
    user.leave_rest(element, {"user_id",
                              "_id",
                              "email",
                              "username",
                              "name",
                              "given_name",
                              "family_name",
                              "nickname",
                              "picture",
                              "phone_number",
                              "email_verified",
                              "blocked",
                              "created_at",
                              "updated_at",
                              "last_login",
                              "last_ip",
                              "logins_count",
                              "last_password_reset",
                              "user_metadata",
                              "app_metadata",
                              "password_hash",
                              "passwordHash",
                              "custom_password_hash",
                              "mfa_factors",
                              "identities",
                              "tenant",
                              "connection"});
    return true;
}

} // namespace

Result<std::unique_ptr<UserReader>> open_auth0(ByteSource source, std::string domain) {
    return read_elements(std::move(source), "users", std::move(domain), gather_auth0_user);
}

} // namespace auth
