#include "core/settings/setting.h"
#include "core/settings/settings_table.h"
#include "core/upkeep/change_setting.h"
#include "support/catch.h"
#include "support/test_realm.h"

using namespace auth;
using test::TestRealm;

namespace {

Result<bool> change(TestRealm& realm, std::string_view name, const std::string& value) {
    return change_setting(realm, realm.settings, **find_setting(name), value);
}

} // namespace

TEST_CASE("a setting is kept in its canonical spelling, recorded and in force", "[settings]") {
    TestRealm realm;
    CHECK(change(realm, "session.idle", "600s") == true);
    CHECK(settings_table::load(realm.database()).at("session.idle") == "10m");
    CHECK(realm.settings.get(setting<"session.idle">) == Seconds(600));
    CHECK(realm.events().back() == "config_changed");
    const auto events = realm.events().size();
    CHECK(change(realm, "session.idle", "10m") == false);
    CHECK(realm.events().size() == events);
    CHECK(change(realm, "session.idle", "") == true);
    CHECK(settings_table::load(realm.database()).empty());
}

TEST_CASE("a value that is wrong or excluded by another setting changes nothing", "[settings]") {
    TestRealm realm;
    const auto wrong = change(realm, "session.idle", "soon");
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().code == ErrorCode::usage);
    // SMTP without a server is of no use.
    REQUIRE_FALSE(change(realm, "mail.transport", "smtp"));
    CHECK(settings_table::load(realm.database()).empty());
}
