#include "core/provisioning/manifest.h"

#include "core/base/text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <span>
#include <utility>

namespace auth {
namespace {

constexpr auto manifest_members = std::to_array<std::string_view>({"owner", "roles", "users"});
constexpr auto role_members = std::to_array<std::string_view>({"name", "description", "state"});
constexpr auto user_members =
    joined(std::to_array<std::string_view>({"email"}), profile_names,
           std::to_array<std::string_view>({"attributes", "roles", "verified", "disabled",
                                            "must_change_password", "state", "credentials"}));
constexpr auto credential_members =
    std::to_array<std::string_view>({"password_file", "password_hash", "generate"});

std::string member_path(const std::string& path, std::string_view name) {
    const std::string shown = printable(name.substr(0, 80));
    return path.empty() ? shown : path + "." + shown;
}

Error unfit(const std::string& path, std::string_view wanted) {
    return error(ErrorCode::usage, fmt::format("{} must be {}", path, wanted)).with_field(path);
}

// An object of the manifest, and where it stands.
class Part {
  public:
    static Result<Part> open(const Json& value, std::string path,
                             std::span<const std::string_view> known) {
        if (!value.is_object())
            return fail(unfit(path.empty() ? "the manifest" : path, "a mapping"));
        const std::vector<std::string> names(known.begin(), known.end());
        for (const auto& [name, member] : value.items()) {
            if (std::find(names.begin(), names.end(), name) != names.end())
                continue;
            const std::string place = member_path(path, name);
            return fail(
                error(ErrorCode::usage, fmt::format("{} is not known", place))
                    .with_field(place)
                    .with_hint(did_you_mean(
                        name, names, fmt::format("known here: {}", fmt::join(names, ", ")))));
        }
        return Part(value, std::move(path));
    }

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::string path_of(std::string_view name) const {
        return member_path(path_, name);
    }
    [[nodiscard]] const Json* member(std::string_view name) const {
        const auto found = value_.find(name);
        return found == value_.end() ? nullptr : &*found;
    }

    [[nodiscard]] Result<std::string> text(std::string_view name) const {
        const Json* found = member(name);
        if (found == nullptr)
            return fail(error(ErrorCode::usage, fmt::format("{} has no {}", path_, name))
                            .with_field(path_of(name)));
        if (!found->is_string())
            return fail(unfit(path_of(name), "text"));
        return found->get<std::string>();
    }
    // Null clears, as an empty text does.
    Status text(std::string_view name, std::optional<std::string>& out) const {
        const Json* found = member(name);
        if (found == nullptr)
            return {};
        if (!found->is_string() && !found->is_null())
            return fail(unfit(path_of(name), "text or null"));
        out = found->is_null() ? "" : found->get<std::string>();
        return {};
    }
    Status flag(std::string_view name, std::optional<bool>& out) const {
        const Json* found = member(name);
        if (found == nullptr)
            return {};
        if (!found->is_boolean())
            return fail(unfit(path_of(name), "true or false"));
        out = found->get<bool>();
        return {};
    }
    [[nodiscard]] Result<bool> absent() const {
        const Json* found = member("state");
        if (found == nullptr || *found == "present")
            return false;
        if (*found == "absent")
            return true;
        return fail(unfit(path_of("state"), "present or absent"));
    }
    // Hands each element and its path to `take`.
    template <class Take> Status each(std::string_view name, Take take) const {
        const Json* found = member(name);
        if (found == nullptr)
            return {};
        const std::string place = path_of(name);
        if (!found->is_array())
            return fail(unfit(place, "a list ([] for none)"));
        for (std::size_t i = 0; i < found->size(); ++i)
            AUTH_CHECK(take((*found)[i], fmt::format("{}[{}]", place, i)));
        return {};
    }

  private:
    Part(const Json& value, std::string path) : value_(value), path_(std::move(path)) {}

    const Json& value_;
    std::string path_;
};

Result<DeclaredRole> read_role(const Json& value, const std::string& path) {
    AUTH_TRY(const Part part, Part::open(value, path, role_members));
    AUTH_TRY(const std::string text, part.text("name"));
    auto name = RoleName::parse(text);
    if (!name)
        return fail(at_path(part.path_of("name"), std::move(name).error()));
    DeclaredRole role{*std::move(name)};
    AUTH_CHECK(part.text("description", role.description));
    if (role.description)
        if (auto line = parse_line("description", *role.description); !line)
            return fail(at_path(part.path_of("description"), std::move(line).error()));
    AUTH_TRY(role.absent, part.absent());
    return role;
}

Result<Attributes> read_attributes(const Json& value, const std::string& path) {
    if (!value.is_object())
        return fail(unfit(path, "a mapping of texts"));
    Attributes attributes;
    for (const auto& [key, member] : value.items()) {
        if (!member.is_string() && !member.is_null())
            return fail(unfit(member_path(path, key), "text or null"));
        attributes[key] = member.is_null() ? "" : member.get<std::string>();
    }
    return attributes;
}

Result<ProfileChange> read_profile(const Part& part) {
    ProfileChange profile;
    for (const ProfileField& field : profile_fields)
        AUTH_CHECK(part.text(field.name, profile.*field.place));
    if (const Json* attributes = part.member("attributes")) {
        AUTH_TRY(profile.attributes, read_attributes(*attributes, part.path_of("attributes")));
    }
    if (auto checked = check_profile(profile); !checked) {
        const std::string field = checked.error().field;
        return fail(at_path(part.path_of(part.member(field) != nullptr ? field : "attributes"),
                            std::move(checked).error()));
    }
    return profile;
}

Result<std::optional<std::vector<RoleName>>> read_roles(const Part& part) {
    if (part.member("roles") == nullptr)
        return std::nullopt;
    std::vector<RoleName> roles;
    AUTH_CHECK(part.each("roles", [&](const Json& value, const std::string& path) -> Status {
        if (!value.is_string())
            return fail(unfit(path, "text"));
        auto role = RoleName::parse(value.get<std::string>());
        if (!role)
            return fail(at_path(path, std::move(role).error()));
        if (std::find(roles.begin(), roles.end(), *role) == roles.end())
            roles.push_back(*std::move(role));
        return {};
    }));
    return std::optional(std::move(roles));
}

Result<std::optional<DeclaredCredential>> read_credential(const Part& user) {
    using Kind = DeclaredCredential::Kind;
    const Json* value = user.member("credentials");
    if (value == nullptr)
        return std::nullopt;
    AUTH_TRY(const Part part, Part::open(*value, user.path_of("credentials"), credential_members));
    if (value->size() != 1)
        return fail(unfit(part.path(), "one of password_file, password_hash and generate"));
    for (const auto& [name, kind] :
         {std::pair("password_file", Kind::password_file),
          std::pair("password_hash", Kind::password_hash), std::pair("generate", Kind::generate)}) {
        if (part.member(name) == nullptr)
            continue;
        AUTH_TRY(std::string text, part.text(name));
        if (text.empty())
            return fail(unfit(part.path_of(name), "text that is not empty"));
        return std::optional(DeclaredCredential{kind, std::move(text)});
    }
    return std::nullopt;
}

Result<DeclaredUser> read_user(const Json& value, const std::string& path) {
    AUTH_TRY(const Part part, Part::open(value, path, user_members));
    AUTH_TRY(const std::string text, part.text("email"));
    auto email = Email::parse(text, Email::Dots::odd);
    if (!email)
        return fail(at_path(part.path_of("email"), std::move(email).error()));
    DeclaredUser user{*std::move(email)};
    AUTH_TRY(user.profile, read_profile(part));
    AUTH_TRY(user.roles, read_roles(part));
    AUTH_CHECK(part.flag("verified", user.verified));
    AUTH_CHECK(part.flag("disabled", user.disabled));
    AUTH_CHECK(part.flag("must_change_password", user.must_change_password));
    AUTH_TRY(user.credential, read_credential(part));
    AUTH_TRY(user.absent, part.absent());
    return user;
}

using Places = std::map<std::string, std::string>;

// Notes where something is declared. Fails where it was before.
Status declare(Places& places, const std::string& name, const std::string& path) {
    const auto [place, fresh] = places.emplace(name, path);
    if (fresh)
        return {};
    return fail(error(ErrorCode::usage, fmt::format("{} repeats {}", path, place->second))
                    .with_field(path));
}

Status check_users(const Manifest& manifest) {
    Places emails;
    Places usernames;
    Places files;
    for (std::size_t i = 0; i < manifest.users.size(); ++i) {
        const DeclaredUser& user = manifest.users[i];
        const std::string path = path_of_user(i);
        AUTH_CHECK(declare(emails, user.email.canonical(), path));
        if (user.absent)
            continue;
        if (user.profile.username && !user.profile.username->empty()) {
            AUTH_TRY(const Username name, Username::parse(*user.profile.username));
            AUTH_CHECK(declare(usernames, name.canonical(), path + ".username"));
        }
        if (user.credential && user.credential->kind == DeclaredCredential::Kind::generate)
            AUTH_CHECK(declare(files, user.credential->text, path + ".credentials.generate"));
    }
    return {};
}

// Nobody can carry a role that is to be gone.
Status check_roles(const Manifest& manifest) {
    Places roles;
    for (std::size_t i = 0; i < manifest.roles.size(); ++i)
        AUTH_CHECK(declare(roles, manifest.roles[i].name.text(), fmt::format("roles[{}]", i)));
    Places gone;
    for (const DeclaredRole& role : manifest.roles)
        if (role.absent)
            gone.emplace(role.name.text(), roles[role.name.text()]);
    for (std::size_t i = 0; i < manifest.users.size(); ++i) {
        const DeclaredUser& user = manifest.users[i];
        for (const RoleName& role : user.roles.value_or(std::vector<RoleName>()))
            if (!user.absent && gone.contains(role.text())) {
                const std::string path = path_of_user(i) + ".roles";
                return fail(
                    error(ErrorCode::usage, fmt::format("{} names '{}', which {} declares absent",
                                                        path, role.text(), gone[role.text()]))
                        .with_field(path));
            }
    }
    return {};
}

} // namespace

Error at_path(const std::string& path, Error failure) {
    failure.message = fmt::format("{}: {}", path, failure.message);
    failure.field = path;
    return failure;
}

std::string path_of_user(std::size_t index) {
    return fmt::format("users[{}]", index);
}

Result<Manifest> read_manifest(const Json& document) {
    AUTH_TRY(const Part part, Part::open(document, "", manifest_members));
    Manifest manifest;
    if (part.member("owner") != nullptr) {
        AUTH_TRY(manifest.owner, part.text("owner"));
        if (!is_attribute_name(manifest.owner))
            return fail(unfit("owner", "1 to 64 letters, digits, '.', '_' or '-'"));
    }
    AUTH_CHECK(part.each("roles", [&](const Json& value, const std::string& path) -> Status {
        AUTH_TRY(DeclaredRole role, read_role(value, path));
        manifest.roles.push_back(std::move(role));
        return {};
    }));
    AUTH_CHECK(part.each("users", [&](const Json& value, const std::string& path) -> Status {
        AUTH_TRY(DeclaredUser user, read_user(value, path));
        manifest.users.push_back(std::move(user));
        return {};
    }));
    AUTH_CHECK(check_users(manifest));
    AUTH_CHECK(check_roles(manifest));
    return manifest;
}

Result<Manifest> read_manifest(std::string_view text, const ParseYaml& parse_yaml) {
    const std::size_t start = text.find_first_not_of(" \t\r\n");
    const bool json = start != std::string_view::npos && text[start] == '{';
    AUTH_TRY(const Json document, json ? parse_json(text) : parse_yaml(text));
    return read_manifest(document);
}

} // namespace auth
