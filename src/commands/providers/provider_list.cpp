#include "cli/output/document.h"
#include "cli/output/provider_view.h"
#include "commands/registry.h"

namespace auth {
namespace {

Action bind(Flags&) {
    return [](World& world) -> Result<Reply> {
        AUTH_TRY(auto& realm, world.realm());
        std::vector<Json> records;
        for (const Provider& provider : list_providers(realm))
            records.push_back(provider_record(provider));
        return list_reply("auth-cli.providers/1", "providers",
                          {{"PROVIDER", "name"}, {"USERS", "users"}, {"ISSUER", "issuer"}},
                          std::move(records));
    };
}

} // namespace

const Command provider_list_command{
    .path = "provider list",
    .group = "Providers",
    .summary = "List identity providers",
    .examples = "auth-cli provider add google --client-id 1234.apps.googleusercontent.com\n"
                "auth-cli provider list",
    .bind = bind,
    .fields = fields::provider,
};

} // namespace auth
