#include "commands/registry.h"
#include "commands/role_members.h"

namespace auth {
namespace {

Action bind(Flags& flags) {
    return bind_role_change(flags, revoke_roles, "revoked roles of");
}

} // namespace

const Command role_revoke_command{
    "role revoke",
    "Roles",
    "Take roles from a user",
    "auth-cli role create tester\n"
    "auth-cli create ann@example.org --no-password --verified\n"
    "auth-cli role grant ann@example.org tester\n"
    "auth-cli role revoke ann@example.org tester",
    true,
    bind,
    fields::user_mutation,
};

} // namespace auth
