#include "core/foreign/foreign_user.h"

#include "core/base/encoding.h"
#include "core/base/ids.h"
#include "core/base/text.h"
#include "core/formats/record_fields.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace auth {
namespace {

constexpr std::size_t longest_attribute_name = 64;

std::string attribute_name(std::string name) {
    for (char& c : name)
        if (!is_letter_or_digit(c) && c != '.' && c != '_' && c != '-')
            c = '_';
    return name.substr(0, longest_attribute_name);
}

std::string as_text(const Json& value) {
    if (value.is_string())
        return value.get<std::string>();
    if (value.is_array() && value.size() == 1)
        return as_text(value.front());
    return value.is_null() ? "" : value.dump();
}

// The field of ours that an attribute of that name is, but those that have setters of their own.
const ProfileField* own_field(std::string_view name) {
    if (name == "username" || name == "name")
        return nullptr;
    const auto* found = std::ranges::find(profile_fields, name, &ProfileField::name);
    return found != profile_fields.end() ? found : nullptr;
}

} // namespace

void ForeignUser::set_username(std::string name) {
    if (name.find('@') != std::string::npos && record_.email.empty())
        record_.email = name;
    if (name.empty() || name == record_.email)
        return;
    if (Username::parse(name))
        record_.username = std::move(name);
    else
        add_attribute("username", name);
}

void ForeignUser::set_name(const std::optional<std::string>& full,
                           const std::optional<std::string>& given,
                           const std::optional<std::string>& family) {
    std::string name = full.value_or("");
    if (name.empty()) {
        name = given.value_or("");
        if (!name.empty() && !family.value_or("").empty())
            name += ' ';
        name += family.value_or("");
    }
    if (!name.empty())
        record_.name = std::move(name);
}

void ForeignUser::add_attribute(std::string_view name, const Json& value) {
    std::string text = as_text(value);
    if (name.empty() || text.empty())
        return;
    if (const ProfileField* field = own_field(name); field != nullptr && !(record_.*field->place))
        record_.*field->place = std::move(text);
    else
        attributes_[attribute_name(std::string(name))] = std::move(text);
}

void ForeignUser::add_operators_metadata(const Json& object, std::string_view prefix) {
    if (!object.is_object())
        return;
    for (const auto& [name, value] : object.items())
        if (name == "roles" && value.is_array())
            add_roles(value);
        else if (own_field(name) != nullptr)
            add_attribute(name, value);
        else
            add_attribute(fmt::format("{}{}", prefix, name), value);
}

void ForeignUser::add_roles(const Json& list) {
    if (list.is_array())
        for (const Json& name : list)
            if (name.is_string())
                add_role(name.get_ref<const std::string&>());
}

void ForeignUser::add_attributes(const Json& object, std::string_view prefix) {
    if (object.is_object())
        for (const auto& [name, value] : object.items())
            add_attribute(fmt::format("{}{}", prefix, name), value);
}

void ForeignUser::add_role(std::string_view name) {
    if (!record_.roles)
        record_.roles.emplace();
    auto& roles = *record_.roles;
    if (std::find(roles.begin(), roles.end(), name) == roles.end())
        roles.emplace_back(name);
}

void ForeignUser::add_identities(const Json& list, std::string_view provider,
                                 std::string_view subject) {
    if (!list.is_array() || list.empty())
        return;
    auto& identities = record_.identities.emplace();
    for (const Json& one : list)
        identities.push_back(
            {"", text_at(one, provider).value_or(""), text_at(one, subject).value_or(""), {}, {}});
}

void ForeignUser::set_hash(Result<std::string> hash) {
    if (hash)
        record_.password_hash = *std::move(hash);
    else
        record_.hash_error = std::move(hash).error();
}

void ForeignUser::set_lockable_hash(std::string_view stored) {
    constexpr std::string_view locks[] = {"*LOCKED*", "*LK*", "!", "*"};
    // Where the hash has the name of its form in front, the lock comes after that.
    const std::string_view name = stored.substr(0, stored.find('}') + 1);
    const bool named = stored.starts_with('{') && !name.empty();
    std::string_view hash = named ? stored.substr(name.size()) : stored;
    for (bool locked = true; locked;) {
        locked = false;
        for (const std::string_view lock : locks)
            if (hash.starts_with(lock)) {
                hash.remove_prefix(lock.size());
                locked = true;
                break;
            }
        if (locked)
            shut_out("locked");
    }
    if (!hash.empty())
        record_.password_hash = named ? std::string(name) + std::string(hash) : std::string(hash);
}

void ForeignUser::shut_out(std::string_view reason) {
    record_.disabled = true;
    if (!record_.disabled_reason)
        record_.disabled_reason = reason;
}

void ForeignUser::leave_behind(std::string_view name, std::int64_t count) {
    if (count > 0)
        record_.left_behind[std::string(name)] += count;
}

void ForeignUser::leave_rest(const Json& object, std::initializer_list<std::string_view> known) {
    if (!object.is_object())
        return;
    for (const auto& [name, value] : object.items()) {
        // NOLINTNEXTLINE(readability-container-size-empty): null is empty, too
        const bool says_nothing = value.is_null() || value == false || value == 0 || value == "" ||
                                  (value.is_structured() && value.empty());
        if (!says_nothing && std::find(known.begin(), known.end(), name) == known.end())
            leave_behind(name, value.is_array() ? static_cast<std::int64_t>(value.size()) : 1);
    }
}

Status ForeignUser::finish(std::string_view domain) {
    if (record_.email.empty() && record_.username && !domain.empty())
        record_.email = fmt::format("{}@{}", *record_.username, domain);
    if (!attributes_.empty())
        record_.attributes = Json(attributes_).dump();
    if (record_.email.empty() && record_.username)
        return fail(error(ErrorCode::usage,
                          fmt::format("the user {} has no email", in_quotes(*record_.username)))
                        .with_hint("--domain example.org makes addresses of user names")
                        .with_field("email"));
    return check_record(record_);
}

const Json& member(const Json& object, std::string_view name) {
    static const Json none;
    if (!object.is_object())
        return none;
    const auto found = object.find(std::string(name));
    return found == object.end() ? none : *found;
}

std::optional<std::string> text_at(const Json& object, std::string_view name) {
    const Json& value = member(object, name);
    return value.is_string() ? std::optional(value.get<std::string>()) : std::nullopt;
}

std::optional<bool> truth_at(const Json& object, std::string_view name) {
    const Json& value = member(object, name);
    if (value.is_boolean())
        return value.get<bool>();
    if (value.is_number_integer())
        return parse_truth(value.dump());
    return parse_truth(text_at(object, name).value_or(""));
}

Result<std::optional<bool>> mark_at(const Json& object, std::string_view name) {
    const Json& value = member(object, name);
    const auto truth = truth_at(object, name);
    // NOLINTNEXTLINE(readability-container-size-empty): false is not
    if (!truth && !value.is_null() && value != "")
        return fail(unfit_field(name, "true or false"));
    return truth;
}

std::optional<std::int64_t> number_at(const Json& object, std::string_view name) {
    const Json& value = member(object, name);
    if (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX)
        return std::nullopt;
    if (value.is_number_integer())
        return value.get<std::int64_t>();
    return value.is_string() ? parse_integer(value.get<std::string>()) : std::nullopt;
}

std::optional<Time> time_at(const Json& object, std::string_view name) {
    return parse_common_time(text_at(object, name).value_or(""));
}

std::optional<Time> milliseconds_at(const Json& object, std::string_view name) {
    constexpr std::int64_t year_10000 = 253'402'300'800'000;
    const auto value = number_at(object, name);
    if (!value || *value <= 0 || *value >= year_10000)
        return std::nullopt;
    return from_unix_seconds(*value / 1000);
}

Secret otpauth_of(std::string_view account, std::string_view base32_secret,
                  std::string_view algorithm, std::int64_t digits, std::int64_t period) {
    // Addresses are easier to read with their @, which a path may hold.
    Secret uri(fmt::format("otpauth://totp/{}?secret=", percent_encoded(account, "@")));
    std::string secret = percent_encoded(base32_secret);
    uri.append(secret);
    wipe(secret);
    uri.append(fmt::format("&algorithm={}&digits={}&period={}", percent_encoded(algorithm), digits,
                           period));
    return uri;
}

tl::unexpected<Error> unusable_hash(std::string message) {
    return fail(error(ErrorCode::usage, std::move(message)).with_field("password_hash"));
}

} // namespace auth
