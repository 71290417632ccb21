#include "core/sessions/login_gates.h"

#include "core/accounts/attempts_table.h"
#include "core/accounts/credentials.h"
#include "core/accounts/passwords_table.h"
#include "core/accounts/recovery_codes_table.h"
#include "core/accounts/second_factor.h"
#include "core/base/text.h"
#include "core/codes/codes_table.h"
#include "core/keys/signing_key.h"
#include "core/sessions/session.h"
#include "core/sessions/sessions_table.h"
#include "core/settings/setting.h"
#include "core/users/identities_table.h"
#include "core/users/users_table.h"
#include "core/users/workload_rules_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

Gate user_gate(const LoginGates& found, const std::string& who) {
    if (!found.user)
        return {"user", false, "there is no such user", NextStep{"create", {who}}};
    std::string roles = fmt::format("{}", fmt::join(found.user->roles, ", "));
    return {"user", true,
            fmt::format("{}, {}", found.user->id, roles.empty() ? "no roles" : "roles " + roles),
            ""};
}

Gate lock_gate(const Attempts& attempts, Time now, const std::string& who) {
    const Time until = blocked_until(attempts, now);
    Gate gate{
        "not_locked", until <= now,
        fmt::format("{} since the last success", counted(attempts.failures, "failed attempt")), ""};
    if (*gate.passed)
        return gate;
    gate.detail += until >= locked_for_good
                       ? "; locked until somebody unlocks it"
                       : fmt::format("; no attempt is taken before {}", to_rfc3339(until));
    gate.repair = NextStep{"unlock", {who}};
    return gate;
}

NextStep new_password(const std::string& who) {
    return {"reset", {who, "--by-operator", "--generate-password"}};
}

Gate password_gate(const LoginGates& found, const std::string& who) {
    if (!found.user)
        return {"password", std::nullopt, "", ""};
    if (!found.password && !found.other_ways.empty())
        return {"password", true,
                fmt::format("none was set; there is {}", fmt::join(found.other_ways, ", ")), ""};
    if (!found.password)
        return {"password", false, "no password was set", new_password(who)};
    return {"password", true,
            fmt::format("set {} by {}", to_rfc3339(found.password->changed_at),
                        found.password->set_by == "operator" ? "an operator"
                        : found.password->set_by == "subject"
                            ? "the user"
                            : "a person who had not proved the address"),
            ""};
}

Gate hash_gate(const LoginGates& found, bool test, const std::string& who) {
    if (!found.password)
        return {"hash", std::nullopt, "", ""};
    const auto& hash = found.password->hash;
    const Hint repair = new_password(who);
    if (!hash)
        return {"hash", false, "the stored hash cannot be read", repair};
    const std::string what =
        fmt::format("{}, {}, {}", hash->scheme, hash->cost, to_name(hash->strength));
    if (hash->test_cost && !test)
        return {"hash", false, what + "; no normal database takes one so cheap", repair};
    return {"hash", true, what + (found.password->rehash ? "; the next login replaces it" : ""),
            ""};
}

Gate enabled_gate(const User& user, const std::string& who) {
    if (!user.disabled_at)
        return {"enabled", true, "", ""};
    return {"enabled", false,
            fmt::format("disabled {}{}", to_rfc3339(*user.disabled_at),
                        user.disabled_reason.empty() ? "" : ": " + user.disabled_reason),
            NextStep{"enable", {who}}};
}

Gate verified_gate(const Realm& realm, const User& user, const std::string& who) {
    if (user.verified_at)
        return {"verified", true, fmt::format("since {}", to_rfc3339(*user.verified_at)), ""};
    if (!realm.settings.get(setting<"verification.required">))
        return {"verified", true, "no, and verification.required is off", ""};
    return {"verified", false, "the address was never proved",
            NextStep{"verify", {who, "--by-operator"}}};
}

Gate change_gate(const User& user, const std::string& who) {
    if (!user.must_change_password)
        return {"password_kept", true, "", ""};
    return {"password_kept", false, "the password must be changed first", NextStep{"reset", {who}}};
}

Gate factor_gate(const LoginGates& found, const std::string& who) {
    if (found.user->mfa)
        return {"second_factor", true,
                fmt::format("asked for; {} left; {} in a row",
                            counted(found.recovery_codes, "recovery code"),
                            counted(found.attempts.factor_failures, "wrong code")),
                ""};
    if (!found.factor_required)
        return {"second_factor", true, "none, and none is required", ""};
    return {"second_factor", false, "mfa.required asks for one, and there is none",
            NextStep{"mfa enroll", {who}}};
}

Gate signing_gate(Realm& realm) {
    try {
        const auto key = current_signing_key(realm);
        if (key)
            return {"signing_key", true, realm.settings.get(setting<"token.algorithm">), ""};
        return {"signing_key", false, key.error().message, key.error().hint};
    } catch (const Failure& failure) {
        return {"signing_key", false, failure.error().message, failure.error().hint};
    }
}

void read_user(Realm& realm, LoginGates& found) {
    const User& user = *found.user;
    const auto issuers = identities_table::issuers(realm.database);
    for (const LinkedIdentity& identity : identities_table::of_user(realm.database, user.id))
        for (const auto& [provider, issuer] : issuers)
            if (issuer == identity.issuer)
                found.other_ways.push_back(fmt::format("the provider {}", provider));
    for (const std::string& provider : workload_rules_table::providers_of(realm.database, user.id))
        found.other_ways.push_back(fmt::format("the workload provider {}", provider));
    // What stays in the outbox reaches nobody by itself.
    if (realm.settings.get(setting<"mail.transport">) != "outbox")
        found.other_ways.emplace_back("a mailed link");
    if (const auto stored = passwords_table::find(realm.database, user.id)) {
        const auto info = inspect_hash(stored->hash);
        found.password =
            LoginGates::Password{info ? std::optional(*info) : std::nullopt,
                                 info && needs_rehash(stored->hash, password_cost(realm)),
                                 stored->set_by, stored->changed_at};
    }
    found.factor_required = factor_required(realm.settings, user);
    found.recovery_codes = recovery_codes_table::count(realm.database, user.id);
    found.codes = codes_table::list(realm.database, user.id);
    sessions_table::Page page;
    page.user_id = user.id;
    const auto sessions = sessions_table::list(realm.database, page);
    found.live_sessions = std::count_if(sessions.begin(), sessions.end(), [&](const auto& row) {
        return session_state(row.session, user, realm.now()) == SessionState::live;
    });
}

} // namespace

const Gate* LoginGates::first_shut() const {
    const auto shut = std::find_if(gates.begin(), gates.end(),
                                   [](const Gate& gate) { return gate.passed == false; });
    return shut == gates.end() ? nullptr : &*shut;
}

LoginGates login_gates(Realm& realm, const UserRef& ref) {
    const Snapshot snapshot(realm.database);
    LoginGates found;
    found.user = users_table::find(realm.database, ref);
    found.attempts = attempts_table::find(realm.database, address_mac(realm, ref, found.user));
    if (found.user)
        read_user(realm, found);
    const std::string who = found.user ? found.user->email_key : to_text(ref);
    auto& gates = found.gates;
    gates = {user_gate(found, who), lock_gate(found.attempts, realm.now(), who),
             password_gate(found, who), hash_gate(found, realm.test, who)};
    if (found.user) {
        gates.push_back(enabled_gate(*found.user, who));
        gates.push_back(verified_gate(realm, *found.user, who));
        gates.push_back(change_gate(*found.user, who));
        gates.push_back(factor_gate(found, who));
    } else {
        for (const char* name : {"enabled", "verified", "password_kept", "second_factor"})
            gates.push_back({name, std::nullopt, "", ""});
    }
    gates.push_back(signing_gate(realm));
    return found;
}

} // namespace auth
