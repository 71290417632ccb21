// What role grant and role revoke share: a user and roles in, the user out.
#pragma once

#include "cli/command.h"
#include "core/users/roles.h"

namespace auth {

using RoleAct = Result<bool> (*)(Realm&, User&, const std::vector<RoleName>&);
[[nodiscard]] Action bind_role_change(Flags& flags, RoleAct act, std::string_view done);

} // namespace auth
