#include "cli/input/ask.h"
#include "cli/output/provider_view.h"
#include "commands/registry.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace auth {
namespace {

struct Options {
    std::string name;
    bool yes = false;
};

Result<Reply> run(World& world, const Options& options) {
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const Provider present, find_provider(realm, options.name));
    const std::int64_t linked = users_to_unlink(realm, present);
    if (linked > 0 && !options.yes && !world.dry_run)
        AUTH_CHECK(confirm(world,
                           fmt::format("Delete {}, and its {} {}?", present.name,
                                       present.workload ? "rules for" : "links with",
                                       counted(linked, "user")),
                           "--yes"));
    AUTH_TRY(const Provider provider, delete_provider(realm, present.name));
    const std::string users = counted(provider.users, "user");
    return provider_reply(
        provider, true,
        provider.workload
            ? fmt::format("deleted provider {} and its rules for {}", provider.name, users)
            : fmt::format("deleted provider {}; {} {} linked with it", provider.name, users,
                          provider.users == 1 ? "was" : "were"));
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.argument("NAME", options->name, "the provider");
    flags.flag("-y,--yes", options->yes, "do not ask, whoever is linked with it");
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command provider_delete_command{
    .path = "provider delete",
    .group = "Providers",
    .summary = "Delete an identity provider, and its links with users",
    .examples = "auth-cli provider add google --client-id 1234.apps.googleusercontent.com\n"
                "auth-cli provider delete google --yes",
    .mutates = true,
    .bind = bind,
    .fields = fields::provider,
};

} // namespace auth
