#include "commands/registry.h"
#include "commands/roles/role_view.h"
#include "core/users/roles.h"

#include <fmt/format.h>

namespace auth {
namespace {

struct Options {
    std::string name;
    std::string description;
    bool if_not_exists = false;
};

Reply role_reply(const Role& role, bool changed, std::string_view done) {
    Reply reply;
    reply.document = {{"schema", "auth-cli.role/1"}};
    reply.document.update(role_record(role));
    reply.document["changed"] = changed;
    reply.note = fmt::format("{} role {}", done, role.name);
    return reply;
}

Result<Reply> run(World& world, const Options& options) {
    AUTH_TRY(const RoleName name, RoleName::parse(options.name));
    AUTH_TRY(auto& realm, world.realm());
    const auto made = create_role(realm, name, options.description);
    if (made)
        return role_reply(*made, true, "created");
    if (made.error().code != ErrorCode::exists || !options.if_not_exists)
        return fail(made.error());
    AUTH_TRY(const Role role, find_role(realm, name));
    return role_reply(role, false, "no changes:");
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.argument("NAME", options->name, "the new role");
    flags.option("--description", options->description, "TEXT", "what it is for");
    flags.flag("--if-not-exists", options->if_not_exists, "an existing role is not an error");
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command role_create_command{
    .path = "role create",
    .group = "Roles",
    .summary = "Make a role",
    .examples = "auth-cli role create tester --description 'May use the test bench'",
    .mutates = true,
    .bind = bind,
    .fields = fields::role,
};

} // namespace auth
