#include "commands/registry.h"
#include "commands/views.h"
#include "core/accounts/roles.h"

namespace auth {
namespace {

Action bind(Flags&) {
    return [](World& world) -> Result<Reply> {
        std::vector<Json> records;
        for (const Role& role : list_roles(world.realm()))
            records.push_back(role_record(role));
        return list_reply("auth-cli.roles/1", "roles",
                          {{"ROLE", "name"}, {"USERS", "users"}, {"DESCRIPTION", "description"}},
                          std::move(records));
    };
}

} // namespace

const Command role_list_command{
    "role list", "Roles", "List roles", "auth-cli role list", false, bind, fields::role,
};

} // namespace auth
