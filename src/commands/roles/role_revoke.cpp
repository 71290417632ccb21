#include "commands/registry.h"
#include "commands/roles/role_members.h"

namespace auth {
namespace {

Action bind(Flags& flags) {
    return bind_role_change(flags, revoke_roles, "revoked roles of");
}

} // namespace

const Command role_revoke_command{
    .path = "role revoke",
    .group = "Roles",
    .summary = "Take roles from a user",
    .examples = "auth-cli role create tester\n"
                "auth-cli create ann@example.org --no-password --verified\n"
                "auth-cli role grant ann@example.org tester\n"
                "auth-cli role revoke ann@example.org tester",
    .mutates = true,
    .bind = bind,
    .fields = fields::user_mutation,
};

} // namespace auth
