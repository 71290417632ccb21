#include "core/realm.h"
#include "support/catch.h"
#include "support/test_realm.h"

using namespace auth;
using test::TestRealm;

TEST_CASE("a realm with another source of randomness is the same realm in all else", "[realm]") {
    TestRealm fixture;
    Realm& realm = fixture;
    realm.operated = false;
    realm.place = [] { return "laptop"; };
    test::SeededRandom other(7);
    Realm inner = realm.with(other);
    CHECK(&inner.random == &other);
    CHECK(&inner.database == &realm.database);
    CHECK(&inner.vault == &realm.vault);
    CHECK(&inner.settings == &realm.settings);
    CHECK(&inner.clock == &realm.clock);
    CHECK(inner.actor() == realm.actor());
    CHECK(inner.test == realm.test);
    CHECK(inner.dry_run == realm.dry_run);
    CHECK_FALSE(inner.operated);
    REQUIRE(inner.place);
    CHECK(inner.place() == "laptop");
    // What an act inside it posts is sent with the rest.
    inner.posted->push_back({"mail", Departure::notice});
    REQUIRE(realm.posted->size() == 1);
    CHECK(realm.posted->front().id == "mail");
}
