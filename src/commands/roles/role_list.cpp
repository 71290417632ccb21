#include "commands/registry.h"
#include "commands/roles/role_view.h"
#include "core/users/roles.h"

namespace auth {
namespace {

Action bind(Flags&) {
    return [](World& world) -> Result<Reply> {
        AUTH_TRY(auto& realm, world.realm());
        std::vector<Json> records;
        for (const Role& role : list_roles(realm))
            records.push_back(role_record(role));
        return list_reply("auth-cli.roles/1", "roles",
                          {{"ROLE", "name"}, {"USERS", "users"}, {"DESCRIPTION", "description"}},
                          std::move(records));
    };
}

} // namespace

const Command role_list_command{
    .path = "role list",
    .group = "Roles",
    .summary = "List roles",
    .examples = "auth-cli role list",
    .bind = bind,
    .fields = fields::role,
};

} // namespace auth
