#include "cli/input/many_users.h"
#include "commands/registry.h"

namespace auth {
namespace {

Action bind(Flags& flags) {
    auto users = std::make_shared<ManyUsers>();
    users->attempts = true;
    users->bind(flags);
    return [users](World& world) {
        return change_many_users(world, *users, unlock_user,
                                 {"unlocked", "was not locked:", "Unlock"});
    };
}

} // namespace

const Command unlock_command{
    .path = "unlock",
    .group = "Users",
    .summary = "Forget failed attempts",
    .examples = "auth-cli create ann@example.org --no-password --verified\n"
                "auth-cli unlock ann@example.org",
    .mutates = true,
    .bind = bind,
    .fields = fields::user_mutation,
};

} // namespace auth
