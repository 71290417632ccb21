#include "commands/registry.h"
#include "commands/roles/role_members.h"

namespace auth {
namespace {

Action bind(Flags& flags) {
    return bind_role_change(flags, grant_roles, "granted roles to");
}

} // namespace

const Command role_grant_command{
    .path = "role grant",
    .group = "Roles",
    .summary = "Give roles to a user",
    .examples = "auth-cli role create tester\n"
                "auth-cli create ann@example.org --no-password --verified\n"
                "auth-cli role grant ann@example.org tester",
    .mutates = true,
    .bind = bind,
    .fields = fields::user_mutation,
};

} // namespace auth
