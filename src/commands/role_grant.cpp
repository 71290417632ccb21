#include "commands/registry.h"
#include "commands/role_members.h"

namespace auth {
namespace {

Action bind(Flags& flags) {
    return bind_role_change(flags, grant_roles, "granted roles to");
}

} // namespace

const Command role_grant_command{
    "role grant",
    "Roles",
    "Give roles to a user",
    "auth-cli role create tester\n"
    "auth-cli create ann@example.org --no-password --verified\n"
    "auth-cli role grant ann@example.org tester",
    true,
    bind,
    fields::user_mutation,
};

} // namespace auth
