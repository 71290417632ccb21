#include "commands/many_users.h"
#include "commands/registry.h"

namespace auth {
namespace {

Action bind(Flags& flags) {
    auto who = bind_many_users(flags);
    auto reason = std::make_shared<std::string>();
    flags.option("--reason", *reason, "TEXT", "a note for operators");
    return [who, reason](World& world) {
        return change_many_users(
            world, *who,
            [&](Realm& realm, const UserRef& ref) {
                return set_disabled(realm, ref, true, *reason);
            },
            "disabled", "already disabled:");
    };
}

} // namespace

const Command disable_command{
    "disable",
    "Users",
    "Keep users from logging in, and end their sessions",
    "auth-cli create ann@example.org --no-password --verified\n"
    "auth-cli disable ann@example.org --reason 'on leave'",
    true,
    bind,
    fields::user_mutation,
};

} // namespace auth
