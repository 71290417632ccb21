#include "cli/output/provider_view.h"
#include "commands/registry.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace auth {
namespace {

struct Options {
    std::string email;
    std::vector<std::string> roles;
    std::string ttl;
    NewWorkloadRule wanted;
};

Result<Reply> run(World& world, Options& options) {
    AUTH_TRY(const UserRef ref, parse_user_ref(options.email));
    for (const std::string& name : options.roles) {
        AUTH_TRY(RoleName role, RoleName::parse(name));
        options.wanted.roles.push_back(std::move(role));
    }
    if (!options.ttl.empty()) {
        AUTH_TRY(options.wanted.ttl, parse_duration(options.ttl));
    }
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const Allowed allowed, allow_workload(realm, ref, options.wanted));
    return workload_rule_reply(allowed,
                               fmt::format("workloads of {} that fit the rule {} log in as {}",
                                           allowed.rule.provider, allowed.rule.id,
                                           printable(allowed.user.email)));
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.argument("NAME", options->wanted.provider, "a provider for workloads");
    flags.option("--user", options->email, "EMAIL", "who its workloads are here");
    flags.required("--user");
    flags.list("--claim", options->wanted.claims, "NAME=VALUE",
               "what the ID token must say, sub among it; VALUE may end with :* or /*");
    flags.required("--claim");
    flags.list("--role", options->roles, "ROLE",
               "a role of the user that the token carries; may be repeated; default: none");
    flags.option("--ttl", options->ttl, "DURATION", "life of the session, up to 1h; default: 15m");
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command provider_allow_command{
    .path = "provider allow",
    .group = "Providers",
    .summary = "Say which workloads of a provider log in as a user",
    .examples = "auth-cli create deploy@example.org --verified --no-password\n"
                "auth-cli provider add ci --issuer https://ci.example --workload \\\n"
                "  --audience auth.example.org --offline\n"
                "auth-cli provider allow ci --user deploy@example.org \\\n"
                "  --claim 'sub=repo:example-org/app:*' --claim ref=refs/heads/main",
    .mutates = true,
    .bind = bind,
    .fields = fields::workload_rule,
};

} // namespace auth
