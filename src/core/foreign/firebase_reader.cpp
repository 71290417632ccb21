#include "core/base/encoding.h"
#include "core/base/text.h"
#include "core/foreign/foreign_readers.h"
#include "core/passwords/forms.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace auth {
namespace {

// What the project's console calls the password hash parameters.
struct HashConfig {
    std::string algorithm; // "" where none was given
    FirebaseParameters scrypt;
    std::uint32_t rounds = 0;
    std::uint64_t memory_cost = 0;
    std::uint32_t block_size = 8;
    std::uint32_t parallelization = 1;
};

// The console shows "name: value," lines between braces.
Json console_text(std::string_view text) {
    Json object = Json::object();
    for (const std::string& line : split(text, '\n')) {
        const std::size_t colon = line.find(':');
        const std::size_t name = line.find_first_not_of(" \t");
        const std::size_t value = line.find_first_not_of(" \t\"", colon + 1);
        if (colon == std::string::npos || value == std::string::npos)
            continue;
        const std::size_t end = line.find_last_not_of(" \t\r,\"");
        object[line.substr(name, colon - name)] = line.substr(value, end + 1 - value);
    }
    return object;
}

// Either alphabet of base 64: exports have one, the API the other.
std::optional<std::string> any_base64(std::string text) {
    std::replace(text.begin(), text.end(), '-', '+');
    std::replace(text.begin(), text.end(), '_', '/');
    text.erase(std::find(text.begin(), text.end(), '='), text.end());
    text.append((4 - text.size() % 4) % 4, '=');
    return from_base64(text);
}

std::uint32_t number_or(const Json& object, std::string_view name, std::uint32_t otherwise) {
    const auto value = number_at(object, name);
    return value && *value >= 0 && *value <= UINT32_MAX ? static_cast<std::uint32_t>(*value)
                                                        : otherwise;
}

Result<HashConfig> parse_hash_config(std::string_view text) {
    HashConfig config;
    if (text.empty())
        return config;
    const auto wrong = [](const std::string& why) {
        return fail(error(ErrorCode::usage, "hash parameters: " + why)
                        .with_hint("save what the Firebase console shows under Authentication > "
                                   "Users > Password hash parameters")
                        .with_field("hash_config"));
    };
    const auto parsed = parse_json(text);
    const Json object = parsed ? *parsed : console_text(text);
    config.algorithm = text_at(object, "algorithm").value_or("");
    config.rounds = number_or(object, "rounds", 8);
    config.memory_cost = number_or(object, "mem_cost", 14);
    config.block_size = number_or(object, "block_size", 8);
    config.parallelization = number_or(object, "parallelization", 1);
    const std::string_view known[] = {"SCRYPT", "STANDARD_SCRYPT", "BCRYPT", "PBKDF2_SHA256"};
    if (std::find(std::begin(known), std::end(known), config.algorithm) == std::end(known))
        return wrong(fmt::format("the algorithm {} is not known: SCRYPT, STANDARD_SCRYPT, BCRYPT "
                                 "and PBKDF2_SHA256 are",
                                 in_quotes(config.algorithm)));
    if (config.algorithm != "SCRYPT")
        return config;
    const auto key = any_base64(text_at(object, "base64_signer_key").value_or(""));
    const auto separator = any_base64(text_at(object, "base64_salt_separator").value_or(""));
    if (!key || key->empty() || !separator)
        return wrong("base64_signer_key and base64_salt_separator must be base 64");
    config.scrypt = {static_cast<std::uint32_t>(config.memory_cost), config.rounds, *separator,
                     *key};
    return config;
}

Result<std::string> firebase_hash(const HashConfig& config, const Json& element) {
    const auto hash = any_base64(text_at(element, "passwordHash").value_or(""));
    const auto salt = any_base64(text_at(element, "salt").value_or(""));
    if (!hash || !salt)
        return unusable_hash("passwordHash and salt must be base 64");
    if (config.algorithm == "SCRYPT")
        return firebase_hash(config.scrypt, *salt, *hash);
    if (config.algorithm == "STANDARD_SCRYPT")
        return scrypt_hash(config.memory_cost, config.block_size, config.parallelization, *salt,
                           *hash);
    if (config.algorithm == "PBKDF2_SHA256")
        return pbkdf2_hash("sha256", config.rounds, *salt, *hash);
    if (config.algorithm == "BCRYPT")
        return *hash;
    return fail(error(ErrorCode::usage, "the user's password hash needs the project's parameters")
                    .with_hint("give them with --hash-config FILE: the Firebase console shows them "
                               "under Authentication > Users > Password hash parameters")
                    .with_field("password_hash"));
}

// Logins at providers: what says who the user is there has no issuer.
void leave_firebase_logins(const Json& element, ForeignUser& user) {
    const Json& providers = member(element, "providerUserInfo");
    if (!providers.is_array())
        return;
    for (const Json& one : providers)
        if (const auto id = text_at(one, "providerId"); id != "password" && id != "phone")
            user.leave_behind("identities");
}

Result<bool> gather_firebase_user(const HashConfig& config, const Json& element,
                                  ForeignUser& user) {
    UserRecord& record = user.record();
    record.email = text_at(element, "email").value_or("");
    user.set_name(text_at(element, "displayName"), std::nullopt, std::nullopt);
    record.phone = text_at(element, "phoneNumber");
    record.verified = truth_at(element, "emailVerified");
    AUTH_TRY(record.disabled, mark_at(element, "disabled"));
    record.created_at = milliseconds_at(element, "createdAt");
    record.last_login_at = milliseconds_at(element, "lastSignedInAt");
    if (!record.last_login_at)
        record.last_login_at = milliseconds_at(element, "lastLoginAt");
    user.add_attribute("firebase_uid", member(element, "localId"));
    user.add_attribute("picture", member(element, "photoUrl"));
    if (const auto claims = parse_json(text_at(element, "customAttributes").value_or("{}")))
        user.add_attributes(*claims);
    if (record.email.empty())
        return fail(error(ErrorCode::usage, "the user has no email: they log in by phone or "
                                            "another provider")
                        .with_field("email"));
    if (!text_at(element, "passwordHash").value_or("").empty())
        user.set_hash(firebase_hash(config, element));
    leave_firebase_logins(element, user);
    user.leave_rest(element,
                    {"localId", "email", "emailVerified", "passwordHash", "salt", "displayName",
                     "photoUrl", "createdAt", "lastSignedInAt", "lastLoginAt", "lastRefreshAt",
                     "phoneNumber", "disabled", "customAttributes", "providerUserInfo",
                     "passwordUpdatedAt", "validSince", "version", "kind"});
    return true;
}

// The columns of the CSV form, which has no header.
std::vector<std::string> csv_columns() {
    std::vector<std::string> names{"localId", "email",       "emailVerified", "passwordHash",
                                   "salt",    "displayName", "photoUrl"};
    for (const char* const provider : {"google", "facebook", "twitter", "github"})
        for (const char* const what : {"id", "email", "name", "photo"})
            names.push_back(fmt::format("{}_{}", provider, what));
    for (const char* const name :
         {"createdAt", "lastSignedInAt", "phoneNumber", "disabled", "customAttributes"})
        names.emplace_back(name);
    return names;
}

} // namespace

Result<std::unique_ptr<UserReader>> open_firebase(ByteSource source, std::string domain,
                                                  std::string_view hash_config) {
    AUTH_TRY(HashConfig config, parse_hash_config(hash_config));
    auto gather = [config = std::move(config)](const Json& element, ForeignUser& user) {
        return gather_firebase_user(config, element, user);
    };
    // Older files end before the phone number. A line break in a name cuts a row in two.
    constexpr std::size_t least = 25;
    return read_elements_or_table(std::move(source), "users", {csv_columns(), least},
                                  std::move(domain), std::move(gather));
}

} // namespace auth
