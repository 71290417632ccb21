// Roles: names that users carry into their tokens.
#pragma once

#include "core/base/ids.h"
#include "core/realm.h"
#include "core/users/user.h"

#include <string>
#include <vector>

namespace auth {

struct Role {
    std::string name;
    std::string description;
    Time created_at;
    std::int64_t users = 0; // how many carry it
};

[[nodiscard]] std::vector<Role> list_roles(Realm& realm);
// Fails with not_found, suggesting the nearest role.
[[nodiscard]] Result<Role> find_role(Realm& realm, const RoleName& name);
// Fails in the same way; does not count the role's users, and so costs the same for any number of
// them.
[[nodiscard]] Status check_role(Realm& realm, const RoleName& name);
[[nodiscard]] Status check_roles(Realm& realm, const std::vector<RoleName>& names);
// Fails with exists.
[[nodiscard]] Result<Role> create_role(Realm& realm, const RoleName& name,
                                       std::string_view description);
// Says whether anything changed. Fails with not_found or usage.
[[nodiscard]] Result<bool> describe_role(Realm& realm, const RoleName& name,
                                         std::string_view description);
// Takes the role from everybody first.
[[nodiscard]] Result<Role> delete_role(Realm& realm, const RoleName& name);

// Both say whether anything changed, and refresh `user`. Call grant and revoke inside a
// Transaction.
[[nodiscard]] Result<bool> grant_roles(Realm& realm, User& user,
                                       const std::vector<RoleName>& roles);
[[nodiscard]] Result<bool> revoke_roles(Realm& realm, User& user,
                                        const std::vector<RoleName>& roles);

} // namespace auth
