#include "core/settings/setting.h"
#include "core/settings/settings_table.h"
#include "core/upkeep/finding.h"
#include "support/catch.h"
#include "support/test_realm.h"

#include <algorithm>
#include <map>

using namespace auth;
using test::TestRealm;

namespace {

using Variables = std::map<std::string, std::string, std::less<>>;

Findings examine(TestRealm& realm, const Variables& variables = {}) {
    Findings findings;
    Examination examination{.realm = realm,
                            .findings = findings,
                            .restore = "restore it",
                            .variable = [&](std::string_view name) {
                                const auto found = variables.find(name);
                                return found == variables.end() ? "" : found->second;
                            }};
    for (const auto checks : {database_checks(), policy_checks()})
        for (const Check& check : checks)
            check.look(examination);
    return findings;
}

const Finding* find(const Findings& findings, std::string_view code) {
    const auto found = std::find_if(findings.begin(), findings.end(),
                                    [&](const Finding& each) { return each.code == code; });
    return found == findings.end() ? nullptr : &*found;
}

} // namespace

TEST_CASE("a sound database has no findings", "[upkeep]") {
    TestRealm realm;
    (void)test::add_user(realm);
    CHECK(examine(realm).empty());
}

TEST_CASE("a wrong setting of the database is a finding, and the command that unsets it",
          "[upkeep]") {
    TestRealm realm;
    (void)settings_table::put(realm.database(), setting<"session.idle">, "soon", realm.clock.now());
    const Findings findings = examine(realm);
    const Finding* found = find(findings, "setting_invalid");
    REQUIRE(found != nullptr);
    CHECK(found->severity == Severity::error);
    CHECK(found->object == "session.idle");
    CHECK(found->repair == "auth-cli config unset session.idle");
    CHECK(found->fix == nullptr);
}

TEST_CASE("a census that is not true is mended", "[upkeep]") {
    TestRealm realm;
    (void)test::add_user(realm);
    realm.execute("UPDATE hash_census SET users = 7");
    const Findings findings = examine(realm);
    const Finding* found = find(findings, "hash_census");
    REQUIRE(found != nullptr);
    REQUIRE(found->fix);
    CHECK(found->fix());
    CHECK(examine(realm).empty());
    CHECK(realm.events().back() == "database_repaired");
}

TEST_CASE("a sealed value that was altered names its table and row", "[upkeep]") {
    TestRealm realm;
    realm.execute("UPDATE signing_keys SET sealed_jwk = zeroblob(60)");
    const Findings findings = examine(realm);
    const Finding* found = find(findings, "signing_key_damaged");
    REQUIRE(found != nullptr);
    CHECK(found->repair == "auth-cli key rotate");
}

TEST_CASE("a variable that overrides what was set is named with the way to unset it", "[upkeep]") {
    const Variables variables{{"AUTH_CLI_DB", "other.db"}, {"AUTH_CLI_PROFILE", "work"}};
    const auto variable = [&](std::string_view name) {
        const auto found = variables.find(name);
        return found == variables.end() ? std::string() : found->second;
    };
    const Findings found = shadowed_settings({{"db", "my.db"}, {"profile", "work"}}, variable);
    REQUIRE(found.size() == 1);
    CHECK(found.front().code == "shadowed_setting");
    CHECK(found.front().object == "AUTH_CLI_DB");
    CHECK(found.front().repair == "unset AUTH_CLI_DB");
}
