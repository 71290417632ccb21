// Table workload_rules: who the workloads of providers are.
#pragma once

#include "core/store/database.h"
#include "core/users/workload_rule.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth::workload_rules_table {

void insert(Database& database, const WorkloadRule& rule);
void remove(Database& database, std::string_view id);

// All that follow are in order of provider, address and claims.
[[nodiscard]] std::vector<WorkloadRule> of_provider(Database& database, std::string_view provider);
// The providers whose workloads log in as the user.
[[nodiscard]] std::vector<std::string> providers_of(Database& database, std::string_view user_id);
struct Listed {
    WorkloadRule rule;
    std::string email;
};
// Of all providers where `provider` is "".
[[nodiscard]] std::vector<Listed> list(Database& database, std::string_view provider);

} // namespace auth::workload_rules_table
