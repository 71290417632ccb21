#include "commands/many_users.h"
#include "commands/registry.h"

#include <CLI/CLI.hpp>

namespace auth {
namespace {

Action bind(CLI::App& app) {
    auto who = bind_many_users(app);
    return [who](World& world) {
        return change_many_users(world, *who, unlock_user, "unlocked", "was not locked:");
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
};

} // namespace auth
