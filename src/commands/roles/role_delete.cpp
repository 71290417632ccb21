#include "cli/input/one_argument.h"
#include "commands/registry.h"
#include "commands/roles/role_view.h"
#include "core/base/text.h"
#include "core/users/roles.h"

#include <fmt/format.h>

namespace auth {
namespace {

Result<Reply> run(World& world, const std::string& typed) {
    AUTH_TRY(const RoleName name, RoleName::parse(typed));
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const Role role, delete_role(realm, name));
    Reply reply;
    reply.document = {{"schema", "auth-cli.role/1"}};
    reply.document.update(role_record(role));
    reply.document["changed"] = true;
    reply.note =
        fmt::format("deleted role {}; removed from {}", role.name, counted(role.users, "user"));
    return reply;
}

Action bind(Flags& flags) {
    flags.takes("NAME", ValueKind::role);
    return bind_argument(flags, "NAME", "the role", run);
}

} // namespace

const Command role_delete_command{
    .path = "role delete",
    .group = "Roles",
    .summary = "Delete a role, and take it from everybody",
    .examples = "auth-cli role create tester\n"
                "auth-cli role delete tester",
    .mutates = true,
    .bind = bind,
    .fields = fields::role,
};

} // namespace auth
