// What the manifests of each owner name: whom and what they made, and what they set last.
#pragma once

#include "core/store/database.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth::applied_table {

struct AppliedUser {
    std::string user_id;
    bool made = false; // was not there before
    std::optional<std::string> credential_mac{};
    bool must_change = false; // a new password was asked of the user
    bool operator==(const AppliedUser&) const = default;
};

[[nodiscard]] std::optional<AppliedUser> find_user(Database& database, std::string_view owner,
                                                   std::string_view user_id);
// In order of address.
[[nodiscard]] std::vector<AppliedUser> users(Database& database, std::string_view owner);
void put_user(Database& database, std::string_view owner, const AppliedUser& user);
void forget_user(Database& database, std::string_view owner, std::string_view user_id);
// Whether somebody else's manifest names the user.
[[nodiscard]] bool is_shared_user(Database& database, std::string_view owner,
                                  std::string_view user_id);

struct AppliedRole {
    std::string role;
    bool made = false;
};

[[nodiscard]] std::vector<AppliedRole> roles(Database& database, std::string_view owner);
// Keeps what is known of the role.
void note_role(Database& database, std::string_view owner, const AppliedRole& role);
void forget_role(Database& database, std::string_view owner, std::string_view role);
[[nodiscard]] bool is_shared_role(Database& database, std::string_view owner,
                                  std::string_view role);

} // namespace auth::applied_table
