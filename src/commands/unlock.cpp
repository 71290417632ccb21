#include "commands/many_users.h"
#include "commands/registry.h"

namespace auth {
namespace {

Action bind(Flags& flags) {
    auto users = std::make_shared<ManyUsers>();
    users->bind(flags);
    return [users](World& world) {
        return change_many_users(world, *users, unlock_user,
                                 {"unlocked", "was not locked:", "Unlock"});
    };
}

} // namespace

const Command unlock_command{
    "unlock",
    "Users",
    "Forget failed attempts",
    "auth-cli create ann@example.org --no-password --verified\n"
    "auth-cli unlock ann@example.org",
    true,
    bind,
    fields::user_mutation,
};

} // namespace auth
