#include "cli/output/provider_view.h"
#include "commands/registry.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace auth {
namespace {

struct Options {
    std::string provider;
    std::string rule;
};

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.argument("NAME", options->provider, "a provider for workloads");
    flags.argument("RULE", options->rule, "the rule's id, as 'provider rules' shows it");
    return [options](World& world) -> Result<Reply> {
        AUTH_TRY(auto& realm, world.realm());
        AUTH_TRY(const Allowed removed, disallow_workload(realm, options->provider, options->rule));
        return workload_rule_reply(removed,
                                   fmt::format("removed the rule {}; all sessions of {} ended",
                                               removed.rule.id, printable(removed.user.email)));
    };
}

} // namespace

const Command provider_disallow_command{
    .path = "provider disallow",
    .group = "Providers",
    .summary = "Remove a rule for workloads, and end its user's sessions",
    .examples = "auth-cli create deploy@example.org --verified --no-password\n"
                "auth-cli provider add ci --issuer https://ci.example --workload \\\n"
                "  --audience auth.example.org --offline\n"
                "auth-cli provider allow ci --user deploy@example.org --claim sub=project:7\n"
                "auth-cli provider disallow ci \"$(auth-cli provider rules ci --field id)\"",
    .mutates = true,
    .bind = bind,
    .fields = fields::workload_rule,
};

} // namespace auth
