// What a user tells of themselves, and the one table of those fields. A new field needs a member
// and a row here, a migration that adds its column, and a line in the writers whose formats have a
// place for it. Documents, our own files, flags, filters and tables read its row.
#pragma once

#include "core/base/arrays.h"
#include "core/base/result.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace auth {

struct Profile {
    std::optional<std::string> username;
    std::optional<std::string> name;
    std::optional<std::string> phone;
    std::optional<std::string> address;
    std::optional<std::string> national_id;
};

struct ProfileField {
    // Of the column, the member of documents and manifests, the header in CSV, and in --where.
    std::string_view name;
    std::optional<std::string> Profile::*place = nullptr;
    const char* flag = nullptr; // of create and update
    const char* value = "TEXT"; // what the flag takes
    const char* help = nullptr;
    std::string_view label{}; // of its line in `show`
    std::string_view claim{}; // OpenID Connect Core 1.0 section 5.1; "" where that has none
    // A value, which is not empty, as it is stored. Fails with usage, naming the field.
    Result<std::string> (*check)(const ProfileField& field, std::string_view value) = nullptr;
};

// At most 1024 bytes without control characters. Line breaks become spaces.
[[nodiscard]] Result<std::string> check_line(const ProfileField& field, std::string_view value);
// The same with line breaks, each as \n.
[[nodiscard]] Result<std::string> check_lines(const ProfileField& field, std::string_view value);
[[nodiscard]] Result<std::string> check_username(const ProfileField& field, std::string_view value);

// In the order in which they are shown and written.
inline constexpr auto profile_fields = std::to_array<ProfileField>({
    {.name = "username",
     .place = &Profile::username,
     .flag = "--username",
     .value = "NAME",
     .help = "a second name to log in with, as @NAME",
     .label = "username",
     .claim = "preferred_username",
     .check = check_username},
    {.name = "name",
     .place = &Profile::name,
     .flag = "--name",
     .help = "full name",
     .label = "name",
     .claim = "name",
     .check = check_line},
    {.name = "phone",
     .place = &Profile::phone,
     .flag = "--phone",
     .help = "phone number",
     .label = "phone",
     .claim = "phone_number",
     .check = check_line},
    {.name = "address",
     .place = &Profile::address,
     .flag = "--address",
     .help = "postal address",
     .label = "address",
     .claim = "address",
     .check = check_lines},
    {.name = "national_id",
     .place = &Profile::national_id,
     .flag = "--national-id",
     .help = "national identity number",
     .label = "national id",
     .check = check_line},
});

inline constexpr auto profile_names =
    each_of(profile_fields, [](const ProfileField& field) { return field.name; });

} // namespace auth
