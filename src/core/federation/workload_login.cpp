#include "core/federation/workload_login.h"

#include "core/accounts/credentials.h"
#include "core/accounts/lockout.h"
#include "core/accounts/second_factor.h"
#include "core/audit/audit.h"
#include "core/base/text.h"
#include "core/federation/used_id_tokens_table.h"
#include "core/federation/workload_rules.h"
#include "core/sessions/issued_token.h"
#include "core/store/meta_table.h"
#include "core/users/linked_identity.h"
#include "core/users/users_table.h"
#include "core/users/workload_rules_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

Error not_let_in(std::string_view reason, std::string message, Hint hint = {}) {
    return error(ErrorCode::refused, std::move(message))
        .with_reason(std::string(reason))
        .with_hint(std::move(hint));
}

class WorkloadLogin {
  public:
    WorkloadLogin(Realm& realm, const Provider& provider, const ProvedWorkload& workload)
        : realm_(realm), provider_(provider), workload_(workload) {}

    [[nodiscard]] Result<Grant> run(const std::optional<UserRef>& whose,
                                    std::optional<Seconds> ttl) {
        auto grant = open(whose, ttl);
        if (!grant)
            record_failure(grant.error());
        return grant;
    }

  private:
    [[nodiscard]] Result<Grant> open(const std::optional<UserRef>& whose,
                                     std::optional<Seconds> ttl);
    [[nodiscard]] Status check_provider_stands() const;
    [[nodiscard]] Result<WorkloadRule> choose(const std::optional<UserRef>& whose) const;
    [[nodiscard]] NextStep missing_rule() const;
    [[nodiscard]] Status check_user(const User& user) const;
    [[nodiscard]] Status use_up() const;
    [[nodiscard]] Json claims_of(const WorkloadRule& rule) const;
    void record_failure(const Error& why);

    Realm& realm_;
    const Provider& provider_;
    const ProvedWorkload& workload_;
    std::string user_id_; // once a rule says who it is
};

// Rules of another issuer under the same name must not judge the token.
Status WorkloadLogin::check_provider_stands() const {
    AUTH_TRY(const Provider now, find_provider(realm_, provider_.name));
    if (now.workload && now.issuer == provider_.issuer && now.client_id == provider_.client_id)
        return {};
    return fail(not_let_in("provider_changed",
                           fmt::format("the provider {} was changed meanwhile", provider_.name),
                           "run the command again"));
}

// A subject with a star in it would be another rule than it looks.
NextStep WorkloadLogin::missing_rule() const {
    const std::string subject = text_member(workload_.claims, "sub");
    const bool plain = is_subject(subject) && subject.find('*') == std::string::npos;
    return {"provider allow",
            {provider_.name, "--user", "EMAIL", "--claim", plain ? "sub=" + subject : "sub=VALUE"}};
}

Result<WorkloadRule> WorkloadLogin::choose(const std::optional<UserRef>& whose) const {
    auto rules = workload_rules_table::of_provider(realm_.database, provider_.name);
    std::erase_if(rules,
                  [&](const WorkloadRule& rule) { return !fits(rule.claims, workload_.claims); });
    if (rules.empty())
        return fail(not_let_in("no_rule",
                               fmt::format("no rule of {} fits this ID token", provider_.name),
                               {"an operator can run", missing_rule()}));
    if (whose) {
        const auto user = users_table::find(realm_.database, *whose);
        std::erase_if(rules,
                      [&](const WorkloadRule& rule) { return !user || rule.user_id != user->id; });
        if (rules.empty())
            return fail(
                not_let_in("other_user", fmt::format("no rule of {} makes this ID token {}",
                                                     provider_.name, in_quotes(to_text(*whose)))));
    }
    if (const WorkloadRule* rule = narrowest(rules))
        return *rule;
    return fail(not_let_in(
        "ambiguous_rule",
        fmt::format("{} of {} fit this ID token, and none is narrower than all others",
                    counted(static_cast<std::int64_t>(rules.size()), "rule"), provider_.name),
        {"see them", NextStep{"provider rules", {provider_.name}}}));
}

// A workload has no second factor, and is no way round one.
Status WorkloadLogin::check_user(const User& user) const {
    AUTH_CHECK(check_not_locked(realm_, address_mac(realm_, user.email_key)));
    AUTH_CHECK(check_may(realm_, user, Purpose::log_in));
    AUTH_CHECK(check_factor_policy(realm_, user));
    if (!user.mfa)
        return {};
    return fail(not_let_in(
        "mfa_required",
        fmt::format("'{}' has a second factor, which a workload cannot give", user.email),
        "give the workload a user of its own"));
}

Status WorkloadLogin::use_up() const {
    const auto refuse = [](std::string_view reason, std::string message) {
        return fail(error(ErrorCode::invalid_token, std::move(message))
                        .with_reason(std::string(reason))
                        .with_hint("ask the issuer for a new one"));
    };
    // The issuer's clock may be ahead.
    if (const auto until = meta_table::id_tokens_void_until(realm_.database);
        until && workload_.issued_at <= *until + max_leeway)
        return refuse("expired", "the ID token was issued before the database was restored");
    if (!used_id_tokens_table::use(realm_.database, workload_.digest, workload_.usable_until,
                                   realm_.now()))
        return refuse("reused", "the ID token was used before: each is good for one login");
    return {};
}

Json WorkloadLogin::claims_of(const WorkloadRule& rule) const {
    Json claims = Json::object();
    for (const auto& [name, pattern] : rule.claims)
        claims[name] = workload_.claims.at(name);
    return claims;
}

Result<Grant> WorkloadLogin::open(const std::optional<UserRef>& whose, std::optional<Seconds> ttl) {
    AUTH_CHECK(check_provider_stands());
    AUTH_TRY(const WorkloadRule before, choose(whose));
    // Rules, providers and users who have rules are changed by acts that lock everything, or the
    // user.
    Transaction transaction(realm_.database, Locks::user(before.user_id));
    AUTH_CHECK(check_provider_stands());
    AUTH_TRY(const WorkloadRule rule, choose(whose));
    auto user = users_table::find_by_id(realm_.database, rule.user_id);
    if (!user || rule.user_id != before.user_id)
        return fail(
            not_let_in("no_rule", "the rules were changed meanwhile", "run the command again"));
    user_id_ = user->id;
    AUTH_CHECK(check_user(*user));
    AUTH_TRY(const SigningKey key, current_signing_key(realm_));
    AUTH_CHECK(use_up());
    std::erase_if(user->roles, [&](const std::string& role) {
        return std::ranges::find(rule.roles, role) == rule.roles.end();
    });
    record(realm_, {.event = "authn_workload_success",
                    .target = user->id,
                    .detail = {{"provider", provider_.name},
                               {"rule", rule.id},
                               {"claims", claims_of(rule)},
                               {"roles", user->roles}}});
    Grant grant =
        open_workload_session(realm_, key, *user, std::min(rule.ttl, ttl.value_or(rule.ttl)));
    transaction.commit();
    return grant;
}

void WorkloadLogin::record_failure(const Error& why) {
    Transaction transaction(realm_.database, Locks::user(user_id_));
    record(realm_, {.event = "authn_login_fail",
                    .target = user_id_,
                    .ok = false,
                    .detail = {{"reason", why.reason.empty() ? "locked_out" : why.reason},
                               {"by", "workload"},
                               {"provider", provider_.name},
                               {"subject", text_member(workload_.claims, "sub")}}});
    transaction.commit_for_certain();
}

} // namespace

Result<Grant> log_in_workload(Realm& realm, const Provider& provider,
                              const ProvedWorkload& workload, const std::optional<UserRef>& whose,
                              std::optional<Seconds> ttl) {
    return WorkloadLogin(realm, provider, workload).run(whose, ttl);
}

} // namespace auth
