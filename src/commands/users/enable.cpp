#include "cli/input/many_users.h"
#include "commands/registry.h"

namespace auth {
namespace {

Action bind(Flags& flags) {
    auto users = std::make_shared<ManyUsers>();
    users->bind(flags);
    return [users](World& world) {
        return change_many_users(
            world, *users,
            [](Realm& realm, const UserRef& ref) { return set_disabled(realm, ref, false, ""); },
            {"enabled", "already enabled:", "Enable"});
    };
}

} // namespace

const Command enable_command{
    .path = "enable",
    .group = "Users",
    .summary = "Let users log in again",
    .examples = "auth-cli create ann@example.org --no-password --disabled\n"
                "auth-cli enable ann@example.org",
    .mutates = true,
    .bind = bind,
    .fields = fields::user_mutation,
};

} // namespace auth
