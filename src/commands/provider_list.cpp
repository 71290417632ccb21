#include "commands/provider_view.h"
#include "commands/registry.h"
#include "commands/views.h"

namespace auth {
namespace {

Action bind(Flags&) {
    return [](World& world) -> Result<Reply> {
        std::vector<Json> records;
        for (const Provider& provider : list_providers(world.realm()))
            records.push_back(provider_record(provider));
        return list_reply("auth-cli.providers/1", "providers",
                          {{"PROVIDER", "name"}, {"USERS", "users"}, {"ISSUER", "issuer"}},
                          std::move(records));
    };
}

} // namespace

const Command provider_list_command{
    "provider list",
    "Providers",
    "List identity providers",
    "auth-cli provider add google --client-id 1234.apps.googleusercontent.com\n"
    "auth-cli provider list",
    false,
    bind,
    fields::provider,
};

} // namespace auth
