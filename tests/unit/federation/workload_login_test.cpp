#include "core/accounts/enrolment.h"
#include "core/federation/identity.h"
#include "core/federation/workload_login.h"
#include "core/federation/workload_rules.h"
#include "core/keys/key_lifecycle.h"
#include "core/sessions/access.h"
#include "core/sessions/use_login.h"
#include "core/users/roles.h"
#include "core/users/workload_rules_table.h"
#include "support/at_once.h"
#include "support/catch.h"
#include "support/test_realm.h"

#include <atomic>

using namespace auth;
using namespace std::chrono_literals;
using test::ann;
using test::TestRealm;
using test::user_ref;

namespace {

const char* const deploy = "deploy@example.org";
const char* const main_branch = "repo:example-org/app:ref:refs/heads/main";

Provider for_people(const std::string& name) {
    NewProvider wanted;
    wanted.name = name;
    wanted.issuer = "https://ci.example";
    wanted.client_id = "client";
    return make_provider(wanted, test::FixedClock().now()).value();
}

Provider for_workloads() {
    NewProvider wanted;
    wanted.name = "ci";
    wanted.issuer = "https://ci.example";
    wanted.workload_audience = "auth.example.org";
    return make_provider(wanted, test::FixedClock().now()).value();
}

struct WithWorkloads : TestRealm {
    WithWorkloads() : provider(for_workloads()) {
        REQUIRE(add_provider(realm(), provider, std::nullopt, false));
        test::add_user(realm(), {deploy, std::nullopt});
    }
    Result<Allowed> allow(const std::vector<std::string>& claims,
                          const std::vector<std::string>& roles = {},
                          Seconds ttl = default_workload_ttl, const char* whose = deploy) {
        NewWorkloadRule rule{"ci", claims, {}, ttl};
        for (const std::string& role : roles)
            rule.roles.push_back(test::role(role));
        return allow_workload(realm(), user_ref(whose), rule);
    }
    void give_roles(const std::vector<std::string>& roles) {
        Transaction transaction(database());
        User user = test::stored_user(realm(), deploy);
        for (const std::string& name : roles) {
            (void)create_role(realm(), test::role(name), "");
            REQUIRE(grant_roles(realm(), user, {test::role(name)}));
        }
        transaction.commit();
    }
    // A token that was not used yet.
    [[nodiscard]] ProvedWorkload token() {
        return {{{"sub", main_branch}, {"ref", "refs/heads/main"}, {"jti", "j"}},
                std::to_string(++tokens),
                clock.now(),
                clock.now() + 6min};
    }
    Result<Grant> log_in(const ProvedWorkload& workload, const std::optional<UserRef>& whose = {},
                         std::optional<Seconds> ttl = {}) {
        return log_in_workload(realm(), provider, workload, whose, ttl);
    }
    Result<Grant> log_in() { return log_in(token()); }
    std::string reason(const ProvedWorkload& workload, const std::optional<UserRef>& whose = {}) {
        const auto sessions = count("SELECT count(*) FROM sessions");
        const auto grant = log_in(workload, whose);
        if (grant)
            return "";
        CHECK(count("SELECT count(*) FROM sessions") == sessions);
        CHECK(events().back() == "authn_login_fail");
        return grant.error().reason;
    }
    std::string reason() { return reason(token()); }
    std::string last_detail() {
        return query("SELECT detail FROM audit ORDER BY seq DESC LIMIT 1");
    }

    Provider provider;
    int tokens = 0;
};

std::vector<std::string> roles_in(const Grant& grant) {
    return parse_token(grant.access_token.reveal())->claims.at("roles");
}

} // namespace

TEST_CASE("a workload that a rule lets in gets a short session of one token") {
    WithWorkloads realm;
    const auto hint = [&](const char* sub) {
        ProvedWorkload token = realm.token();
        token.claims["sub"] = sub;
        return realm.log_in(token).error().hint.steps.at(0).arguments.back();
    };
    CHECK(realm.reason() == "no_rule");
    CHECK(hint(main_branch) == std::string("sub=") + main_branch);
    CHECK(hint("repo:*") == "sub=VALUE");
    CHECK(hint("a\nb") == "sub=VALUE");
    const auto rule = realm.allow({"sub=repo:example-org/app:*", "ref=refs/heads/main"});
    REQUIRE(rule);
    const auto grant = realm.log_in();
    REQUIRE(grant);
    CHECK(grant->user.email == deploy);
    CHECK(grant->session.kind == SessionKind::workload);
    CHECK(grant->session.expires_at == realm.clock.now() + 15min);
    CHECK(grant->access_expires_at == grant->session.expires_at);
    CHECK(grant->refresh_token.empty());
    CHECK(roles_in(*grant).empty());
    CHECK(test::stored_user(realm, deploy).last_login_at == realm.clock.now());
    const std::string token(grant->access_token.reveal());
    CHECK(check_access(realm, token, TokenUse::act));
    // Use does not prolong it.
    realm.clock.advance(15min - 1s);
    CHECK(check_access(realm, token, TokenUse::act));
    realm.clock.advance(1s);
    CHECK(check_access(realm, token, TokenUse::renew).error().code == ErrorCode::expired);
    CHECK(verify_audit(realm.database()).problem.empty());
}

TEST_CASE("the trail names the provider, the rule and the claims that matched") {
    WithWorkloads realm;
    realm.give_roles({"deployer"});
    const auto rule = realm.allow({"sub=repo:example-org/app:*"}, {"deployer"});
    REQUIRE(rule);
    CHECK(realm.events().back() == "workload_allowed");
    REQUIRE(realm.log_in());
    const std::string detail =
        realm.query("SELECT detail FROM audit WHERE event = 'authn_workload_success'");
    CHECK(Json::parse(detail) == Json{{"provider", "ci"},
                                      {"rule", rule->rule.id},
                                      {"claims", {{"sub", main_branch}}},
                                      {"roles", {"deployer"}}});
    ProvedWorkload fork = realm.token();
    fork.claims["sub"] = "repo:mallory/app:ref:refs/heads/main";
    CHECK(realm.reason(fork) == "no_rule");
    CHECK(Json::parse(realm.last_detail()) ==
          Json{{"reason", "no_rule"},
               {"by", "workload"},
               {"provider", "ci"},
               {"subject", "repo:mallory/app:ref:refs/heads/main"}});
}

TEST_CASE("an ID token logs in once, and a refused login does not use it up") {
    WithWorkloads realm;
    REQUIRE(realm.allow({"sub=repo:example-org/app:*"}));
    const ProvedWorkload token = realm.token();
    const auto set_disabled_to = [&](bool disabled) {
        Transaction transaction(realm.database());
        REQUIRE(set_disabled(realm, user_ref(deploy), disabled, ""));
        transaction.commit();
    };
    set_disabled_to(true);
    CHECK(realm.reason(token) == "disabled");
    set_disabled_to(false);
    CHECK(realm.reason(token).empty());
    const auto again = realm.log_in(token);
    REQUIRE_FALSE(again);
    CHECK(again.error().code == ErrorCode::invalid_token);
    CHECK(realm.reason(token) == "reused");
    // Not under another provider of the issuer either, and not once the provider is added anew.
    REQUIRE(delete_provider(realm, "ci"));
    REQUIRE(add_provider(realm, realm.provider, std::nullopt, false));
    REQUIRE(realm.allow({"sub=repo:example-org/app:*"}));
    CHECK(realm.reason(token) == "reused");
    // It is remembered past its time, as a clock may be set back.
    realm.clock.advance(1h);
    CHECK(realm.reason().empty());
    CHECK(realm.count("SELECT count(*) FROM used_id_tokens") == 2);
    realm.clock.advance(25h);
    CHECK(realm.reason().empty());
    CHECK(realm.count("SELECT count(*) FROM used_id_tokens") == 1);
}

TEST_CASE("of logins with one ID token at once exactly one succeeds") {
    WithWorkloads realm;
    REQUIRE(realm.allow({"sub=repo:example-org/app:*"}));
    const ProvedWorkload token = realm.token();
    std::atomic<int> succeeded = 0;
    std::atomic<int> reused = 0;
    const auto thrown = test::at_once(8, [&](unsigned i) {
        test::OtherProcess process(realm, i + 1);
        const auto grant =
            log_in_workload(process.realm(), realm.provider, token, std::nullopt, std::nullopt);
        succeeded += grant ? 1 : 0;
        reused += !grant && grant.error().reason == "reused" ? 1 : 0;
    });
    CHECK(thrown == std::vector<std::string>{});
    CHECK(succeeded == 1);
    CHECK(reused == 7);
    CHECK(realm.count("SELECT count(*) FROM sessions") == 1);
}

TEST_CASE("a dry run uses no ID token up") {
    WithWorkloads realm;
    REQUIRE(realm.allow({"sub=repo:example-org/app:*"}));
    const ProvedWorkload token = realm.token();
    realm.database().set_dry_run(true);
    CHECK(realm.log_in(token));
    realm.database().set_dry_run(false);
    CHECK(realm.count("SELECT count(*) FROM sessions") == 0);
    CHECK(realm.log_in(token));
}

TEST_CASE("a session's token carries the roles that the rule lists and the user has") {
    WithWorkloads realm;
    realm.give_roles({"admin", "deployer", "reader"});
    REQUIRE(realm.allow({"sub=repo:example-org/app:*"}, {"reader", "deployer", "reader"}));
    const auto grant = realm.log_in();
    REQUIRE(grant);
    CHECK(roles_in(*grant) == std::vector<std::string>{"deployer", "reader"});
    const auto access = check_access(realm, grant->access_token.reveal(), TokenUse::act);
    REQUIRE(access);
    CHECK(access->user.roles == std::vector<std::string>{"deployer", "reader"});
    User user = test::stored_user(realm, deploy);
    CHECK(user.roles.size() == 3);
    {
        Transaction transaction(realm.database());
        REQUIRE(revoke_roles(realm, user, {test::role("deployer")}));
        transaction.commit();
    }
    CHECK(check_access(realm, grant->access_token.reveal(), TokenUse::act)->user.roles ==
          std::vector<std::string>{"reader"});
    CHECK(roles_in(*realm.log_in()) == std::vector<std::string>{"reader"});
}

TEST_CASE("the narrowest rule decides about roles and life, or none does") {
    WithWorkloads realm;
    realm.give_roles({"deployer", "reader"});
    REQUIRE(realm.allow({"sub=repo:example-org/*"}, {"reader"}, 1h));
    REQUIRE(realm.allow({"sub=repo:example-org/app:*", "ref=refs/heads/main"}, {"deployer"}, 5min));
    const auto grant = realm.log_in();
    REQUIRE(grant);
    CHECK(roles_in(*grant) == std::vector<std::string>{"deployer"});
    CHECK(grant->session.expires_at == realm.clock.now() + 5min);
    test::add_user(realm, {ann});
    REQUIRE(realm.allow({"sub=repo:example-org/app:*", "jti=j"}, {}, 5min, ann).error().code ==
            ErrorCode::usage);
    REQUIRE(realm.allow({std::string("sub=") + main_branch}, {}, 5min, ann));
    CHECK(realm.reason() == "ambiguous_rule");
    CHECK(realm.log_in(realm.token(), user_ref(ann))->user.email == ann);
    CHECK(realm.log_in(realm.token(), user_ref(deploy))->user.email == deploy);
    test::add_user(realm, {"bob@example.org"});
    CHECK(realm.reason(realm.token(), user_ref("bob@example.org")) == "other_user");
    CHECK(realm.reason(realm.token(), user_ref("nobody@example.org")) == "other_user");
}

TEST_CASE("a session's life is the rule's, or shorter") {
    WithWorkloads realm;
    REQUIRE(realm.allow({"sub=repo:example-org/app:*"}, {}, 10min));
    const auto life = [&](std::optional<Seconds> ttl) {
        return realm.log_in(realm.token(), {}, ttl)->access_expires_at - realm.clock.now();
    };
    CHECK(life({}) == 10min);
    CHECK(life(1min) == 1min);
    CHECK(life(12h) == 10min);
    realm.set("session.max", "2m");
    CHECK(life({}) == 2min);
}

TEST_CASE("a key that was retired verifies a workload's token to its end") {
    WithWorkloads realm;
    realm.set("session.max", "1h");
    REQUIRE(realm.allow({"sub=repo:example-org/app:*"}, {}, 1h));
    const auto grant = realm.log_in();
    REQUIRE(grant);
    REQUIRE(rotate_keys(realm, Algorithm::es256, realm.clock.now()));
    realm.clock.advance(1h - 1s);
    CHECK(check_access(realm, grant->access_token.reveal(), TokenUse::act));
}

TEST_CASE("a workload is no way round what its user's login asks for") {
    WithWorkloads realm;
    REQUIRE(realm.allow({"sub=repo:example-org/app:*"}));
    SECTION("a second factor") {
        const Totp totp = make_totp(HashFunction::sha1, 6, realm.random);
        REQUIRE(adopt_totp(realm, test::stored_user(realm, deploy), totp));
        CHECK(realm.reason() == "mfa_required");
    }
    SECTION("a second factor that is still to come") {
        realm.set("mfa.required", "all");
        CHECK(realm.reason() == "mfa_enrolment_required");
    }
    SECTION("a proved address") {
        realm.execute("UPDATE users SET verified_at = NULL");
        CHECK(realm.reason() == "unverified");
    }
    SECTION("a new password") {
        realm.execute("UPDATE users SET must_change_password = 1");
        CHECK(realm.reason() == "must_change_password");
    }
    SECTION("an address that is not locked") {
        realm.set("lockout.waits", "false");
        for (int i = 0; i < 100; ++i)
            (void)log_in(realm, user_ref(deploy), Secret("wrong"), std::nullopt);
        const auto grant = realm.log_in();
        REQUIRE_FALSE(grant);
        CHECK(grant.error().code == ErrorCode::locked_out);
    }
    SECTION("a user") {
        REQUIRE(delete_user(realm, user_ref(deploy)));
        CHECK(realm.reason() == "no_rule");
        CHECK(realm.count("SELECT count(*) FROM workload_rules") == 0);
    }
}

TEST_CASE("ID tokens from before a restore are void") {
    WithWorkloads realm;
    REQUIRE(realm.allow({"sub=repo:example-org/app:*"}));
    const ProvedWorkload before = realm.token();
    meta_table::void_id_tokens(realm.database(), realm.clock.now());
    CHECK(realm.reason(before) == "expired");
    realm.clock.advance(60s); // the issuer's clock may have been ahead
    CHECK(realm.reason() == "expired");
    realm.clock.advance(1s);
    CHECK(realm.reason().empty());
}

TEST_CASE("who may add a rule, and for whom") {
    WithWorkloads realm;
    realm.give_roles({"deployer"});
    (void)create_role(realm, test::role("admin"), "");
    const auto failure = [&](const std::vector<std::string>& claims,
                             const std::vector<std::string>& roles = {},
                             Seconds ttl = default_workload_ttl, const char* whose = deploy) {
        const auto allowed = realm.allow(claims, roles, ttl, whose);
        return allowed ? Error() : allowed.error();
    };
    const std::vector<std::string> app{"sub=repo:example-org/app:*"};
    CHECK(failure(app, {"nobody"}).code == ErrorCode::not_found);
    CHECK(failure(app, {"admin"}).reason == "role_not_held");
    CHECK(failure(app, {}, 1h + 1s).field == "ttl");
    CHECK(failure(app, {}, 0s).field == "ttl");
    CHECK(failure(app, {}, 1min, "nobody@example.org").code == ErrorCode::not_found);
    REQUIRE(realm.allow(app, {"deployer"}));
    CHECK(failure(app).code == ErrorCode::exists);
    CHECK(workload_rules_table::list(realm.database(), "").size() == 1);
    REQUIRE(add_provider(realm, for_people("corp"), {}, false));
    CHECK(allow_workload(realm, user_ref(deploy), {"corp", app}).error().reason ==
          "wrong_provider");
    CHECK(allow_workload(realm, user_ref(deploy), {"nobody", app}).error().code ==
          ErrorCode::not_found);
}

TEST_CASE("a rule that is taken away ends what it let in") {
    WithWorkloads realm;
    const auto rule = realm.allow({"sub=repo:example-org/app:*"});
    REQUIRE(rule);
    const auto first = realm.log_in();
    const auto live = [&](const Result<Grant>& grant) {
        return check_access(realm, grant->access_token.reveal(), TokenUse::act).has_value();
    };
    REQUIRE(live(first));
    CHECK(disallow_workload(realm, "ci", "other").error().code == ErrorCode::not_found);
    REQUIRE(disallow_workload(realm, "ci", rule->rule.id));
    CHECK_FALSE(live(first));
    CHECK(realm.reason() == "no_rule");
    REQUIRE(realm.allow({"sub=repo:example-org/app:*"}));
    const auto second = realm.log_in();
    const auto deleted = delete_provider(realm, "ci");
    REQUIRE(deleted);
    CHECK(deleted->users == 1);
    CHECK_FALSE(live(second));
    CHECK(realm.count("SELECT count(*) FROM workload_rules") == 0);
}

TEST_CASE("rules of another issuer of the same name judge no token") {
    WithWorkloads realm;
    const ProvedWorkload token = realm.token();
    Provider other = realm.provider;
    other.issuer = "https://other.example";
    REQUIRE(add_provider(realm, other, std::nullopt, true));
    REQUIRE(realm.allow({"sub=repo:example-org/app:*"}));
    CHECK(realm.reason(token) == "provider_changed");
    realm.provider = other;
    CHECK(realm.reason(token).empty());
}

TEST_CASE("a provider is for people or for workloads, and its rules stay with its issuer") {
    WithWorkloads realm;
    CHECK(check_for_workloads(realm.provider));
    CHECK(check_for_people(realm.provider).error().reason == "wrong_provider");
    CHECK(link_identity(realm, test::stored_user(realm, deploy), {"ci", "7"}).error().reason ==
          "wrong_provider");
    REQUIRE(realm.allow({"sub=repo:example-org/app:*"}));
    Provider changed = realm.provider;
    changed.client_id = "elsewhere.example.org";
    REQUIRE(add_provider(realm, changed, std::nullopt, true));
    CHECK(workload_rules_table::of_provider(realm.database(), "ci").size() == 1);
    changed.issuer = "https://other.example";
    CHECK(add_provider(realm, changed, std::nullopt, true).error().reason == "users_linked");
    CHECK(add_provider(realm, for_people("ci"), {}, true).error().reason == "users_linked");
    REQUIRE(delete_user(realm, user_ref(deploy)));
    CHECK(add_provider(realm, for_people("ci"), {}, true));
}

TEST_CASE("links of people outlive a provider for workloads of their issuer") {
    WithWorkloads realm;
    REQUIRE(add_provider(realm, for_people("corp"), {}, false));
    REQUIRE(link_identity(realm, test::stored_user(realm, deploy), {"corp", "7"}));
    REQUIRE(delete_provider(realm, "ci"));
    CHECK(realm.count("SELECT count(*) FROM identities") == 1);
    REQUIRE(add_provider(realm, realm.provider, std::nullopt, false));
    REQUIRE(delete_provider(realm, "corp"));
    CHECK(realm.count("SELECT count(*) FROM identities") == 0);
}
