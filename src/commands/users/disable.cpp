#include "cli/input/many_users.h"
#include "commands/registry.h"

namespace auth {
namespace {

Action bind(Flags& flags) {
    auto users = std::make_shared<ManyUsers>();
    users->destructive = true;
    users->bind(flags);
    auto reason = std::make_shared<std::string>();
    flags.option("--reason", *reason, "TEXT", "a note for operators");
    return [users, reason](World& world) {
        return change_many_users(world, *users,
                                 [&](Realm& realm, const UserRef& ref) {
                                     return set_disabled(realm, ref, true, *reason);
                                 },
                                 {"disabled", "already disabled:", "Disable"});
    };
}

} // namespace

const Command disable_command{
    .path = "disable",
    .group = "Users",
    .summary = "Keep users from logging in, and end their sessions",
    .examples = "auth-cli create ann@example.org --no-password --verified\n"
                "auth-cli disable ann@example.org --reason 'on leave'\n"
                "auth-cli disable --where 'last_login<-365d' --max-affected 10",
    .mutates = true,
    .bind = bind,
    .fields = fields::user_mutation,
};

} // namespace auth
