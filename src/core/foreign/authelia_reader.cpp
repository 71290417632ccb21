#include "core/base/text.h"
#include "core/foreign/foreign_readers.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace auth {
namespace {

constexpr std::size_t largest_file = 16U << 20U;
constexpr std::string_view user_name = "\nname"; // no member of a user is called so

// Lines on which the keys of a mapping are, asked for in their order.
class KeyLines {
  public:
    explicit KeyLines(std::string_view text) : rest_(text) {}

    std::int64_t line_of(std::string_view key) {
        while (!rest_.empty()) {
            const std::string_view line = rest_.substr(0, rest_.find('\n'));
            rest_.remove_prefix(std::min(line.size() + 1, rest_.size()));
            ++number_;
            const std::string_view bare = trimmed(line, " \t\"'?");
            if (bare.starts_with(key) && bare.find(':', key.size()) != std::string_view::npos)
                break;
        }
        return number_;
    }

  private:
    std::string_view rest_;
    std::int64_t number_ = 0;
};

Result<bool> gather_authelia_user(const Json& element, ForeignUser& user) {
    UserRecord& record = user.record();
    record.email = text_at(element, "email").value_or("");
    user.set_username(text_at(element, user_name).value_or(""));
    auto shown = text_at(element, "displayname");
    if (shown == record.email)
        shown.reset(); // Authelia demands one of everybody
    user.set_name(shown, text_at(element, "given_name"), text_at(element, "family_name"));
    record.phone = text_at(element, "phone_number");
    AUTH_TRY(record.disabled, mark_at(element, "disabled"));
    user.set_lockable_hash(text_at(element, "password").value_or(""));
    user.add_roles(member(element, "groups"));
    for (const char* const name : {"nickname", "locale", "zoneinfo", "website", "picture"})
        user.add_attribute(name, member(element, name));
    user.add_attributes(member(element, "extra"));
    user.leave_rest(element, {user_name, "email", "displayname", "given_name", "family_name",
                              "phone_number", "disabled", "password", "groups", "nickname",
                              "locale", "zoneinfo", "website", "picture", "extra"});
    return true;
}

} // namespace

Result<std::unique_ptr<UserReader>> open_authelia(const ByteSource& source, std::string domain,
                                                  const ParseYaml& parse_yaml) {
    AUTH_TRY(const Secret text, read_whole(source, "users file", largest_file));
    AUTH_TRY(const Json document, parse_yaml(text.reveal()));
    const Json& users = member(document, "users");
    if (!users.is_object())
        return fail(error(ErrorCode::usage, "the file has no mapping \"users\" of names to users"));
    KeyLines lines(text.reveal());
    std::vector<PlacedObject> objects;
    for (const auto& [name, user] : users.items()) {
        PlacedObject placed{lines.line_of(name), user.is_object() ? user : Json::object()};
        placed.object[std::string(user_name)] = name;
        objects.push_back(std::move(placed));
    }
    return read_objects(std::move(objects), std::move(domain), gather_authelia_user);
}

} // namespace auth
