#include "cli/output/document.h"
#include "cli/output/provider_view.h"
#include "commands/registry.h"
#include "core/users/workload_rules_table.h"

namespace auth {
namespace {

Result<Reply> run(World& world, const std::string& name) {
    AUTH_TRY(auto& realm, world.realm());
    if (!name.empty())
        AUTH_CHECK(find_provider(realm, name));
    std::vector<Json> records;
    for (const auto& [rule, email] : workload_rules_table::list(realm.database, name))
        records.push_back(workload_rule_record(rule, email));
    return list_reply("auth-cli.workload_rules/1", "rules",
                      {{"RULE", "id"},
                       {"PROVIDER", "provider"},
                       {"USER", "email"},
                       {"CLAIMS", "claims"},
                       {"ROLES", "roles"}},
                      std::move(records));
}

Action bind(Flags& flags) {
    auto name = std::make_shared<std::string>();
    flags.optional_argument("NAME", *name, "only this provider's");
    return [name](World& world) { return run(world, *name); };
}

} // namespace

const Command provider_rules_command{
    .path = "provider rules",
    .group = "Providers",
    .summary = "List which workloads log in as whom",
    .examples = "auth-cli provider rules",
    .bind = bind,
    .fields = fields::workload_rule,
};

} // namespace auth
