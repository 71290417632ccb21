#include "core/federation/workload_rules.h"

#include "core/accounts/accounts.h"
#include "core/audit/audit.h"
#include "core/base/text.h"
#include "core/federation/provider.h"
#include "core/sessions/session.h"
#include "core/users/users_table.h"
#include "core/users/workload_rules_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

Status check_ttl(Seconds ttl) {
    if (ttl >= Seconds(1) && ttl <= longest_workload_ttl)
        return {};
    return fail(error(ErrorCode::usage, fmt::format("invalid ttl '{}': must be from 1s to {}",
                                                    to_text(ttl), to_text(longest_workload_ttl)))
                    .with_field("ttl"));
}

// Rules grant nothing: what the user does not have, no token of a workload carries.
Result<std::vector<std::string>> held_roles(Realm& realm, const User& user,
                                            const std::vector<RoleName>& wanted) {
    std::vector<std::string> roles;
    for (const RoleName& role : wanted) {
        AUTH_CHECK(check_role(realm, role));
        if (std::ranges::find(user.roles, role.text()) == user.roles.end())
            return fail(error(ErrorCode::refused, fmt::format("'{}' does not have the role '{}'",
                                                              user.email, role.text()))
                            .with_reason("role_not_held")
                            .with_field("role")
                            .with_hint(NextStep{"role grant", {user.email_key, role.text()}}));
        roles.push_back(role.text());
    }
    std::ranges::sort(roles);
    roles.erase(std::unique(roles.begin(), roles.end()), roles.end());
    return roles;
}

Status check_new(Realm& realm, const Provider& provider, const ClaimPatterns& claims) {
    const auto rules = workload_rules_table::of_provider(realm.database, provider.name);
    const auto same = std::ranges::find(rules, claims, &WorkloadRule::claims);
    if (same == rules.end())
        return {};
    return fail(error(ErrorCode::exists, fmt::format("the rule {} of '{}' has the same claims",
                                                     same->id, provider.name))
                    .with_field("claim")
                    .with_hint({"remove it first",
                                NextStep{"provider disallow", {provider.name, same->id}}}));
}

Json rule_detail(const WorkloadRule& rule) {
    return {{"provider", rule.provider},
            {"rule", rule.id},
            {"claims", rule.claims},
            {"roles", rule.roles},
            {"ttl", rule.ttl.count()}};
}

} // namespace

Result<Allowed> allow_workload(Realm& realm, const UserRef& ref, const NewWorkloadRule& wanted) {
    WorkloadRule rule;
    AUTH_TRY(rule.claims, parse_claim_patterns(wanted.claims));
    AUTH_CHECK(check_ttl(wanted.ttl));
    Transaction transaction(realm.database);
    AUTH_TRY(const Provider provider, find_provider(realm, wanted.provider));
    AUTH_CHECK(check_for_workloads(provider));
    AUTH_TRY(User user, require_user(realm, ref));
    AUTH_TRY(rule.roles, held_roles(realm, user, wanted.roles));
    AUTH_CHECK(check_new(realm, provider, rule.claims));
    rule.created_at = realm.now();
    rule.id = new_uuid(realm.random, rule.created_at);
    rule.provider = provider.name;
    rule.user_id = user.id;
    rule.ttl = wanted.ttl;
    workload_rules_table::insert(realm.database, rule);
    record(realm, {"workload_allowed", user.id, true, rule_detail(rule)});
    transaction.commit();
    return Allowed{std::move(rule), std::move(user)};
}

Result<Allowed> disallow_workload(Realm& realm, std::string_view provider,
                                  std::string_view rule_id) {
    Transaction transaction(realm.database);
    AUTH_TRY(const Provider known, find_provider(realm, provider));
    const auto rules = workload_rules_table::of_provider(realm.database, known.name);
    const auto rule = std::ranges::find(rules, rule_id, &WorkloadRule::id);
    if (rule == rules.end())
        return fail(error(ErrorCode::not_found, fmt::format("the provider '{}' has no rule {}",
                                                            known.name, in_quotes(rule_id)))
                        .with_field("rule")
                        .with_hint(NextStep{"provider rules", {known.name}}));
    workload_rules_table::remove(realm.database, rule->id);
    User user = *users_table::find_by_id(realm.database, rule->user_id);
    record(realm, {"workload_disallowed", user.id, true, rule_detail(*rule)});
    end_all_sessions(realm, user);
    transaction.commit();
    return Allowed{*rule, std::move(user)};
}

} // namespace auth
