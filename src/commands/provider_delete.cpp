#include "commands/one_argument.h"
#include "commands/provider_view.h"
#include "commands/registry.h"

#include <fmt/format.h>

namespace auth {
namespace {

Result<Reply> run(World& world, const std::string& name) {
    AUTH_TRY(const Provider provider, delete_provider(world.realm(), name));
    return provider_reply(provider, true,
                          fmt::format("deleted provider {}; {} users were linked with it",
                                      provider.name, provider.users));
}

Action bind(Flags& flags) {
    return bind_argument(flags, "NAME", "the provider", run);
}

} // namespace

const Command provider_delete_command{
    "provider delete",
    "Providers",
    "Delete an identity provider, and its links with users",
    "auth-cli provider add google --client-id 1234.apps.googleusercontent.com\n"
    "auth-cli provider delete google",
    true,
    bind,
    fields::provider,
};

} // namespace auth
