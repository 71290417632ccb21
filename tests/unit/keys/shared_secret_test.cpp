#include "core/base/encoding.h"
#include "core/keys/shared_secret.h"
#include "core/settings/settings_table.h"
#include "support/catch.h"
#include "support/files.h"
#include "support/test_realm.h"

#include <filesystem>

using namespace auth;
using test::content;
using test::TestRealm;
namespace fs = std::filesystem;

namespace {

std::string stored_path(TestRealm& realm) {
    const auto texts = settings_table::load(realm.database());
    const auto found = texts.find("token.secret_file");
    return found != texts.end() ? found->second : "";
}

} // namespace

TEST_CASE("a shared secret is made once, closed to others, and found by its setting") {
    TestRealm realm;
    const fs::path file = realm.directory() / "made/hs256.secret";
    REQUIRE(make_shared_secret(realm, file.string()));
    const std::string text = content(file);
    REQUIRE(text.ends_with('\n'));
    CHECK(text.size() == 65);
    CHECK(fs::status(file).permissions() == fs::perms(0600));
    CHECK(stored_path(realm) == file);
    CHECK(realm.events().back() == "key_created");

    realm.set("token.secret_file", file.string());
    CHECK((*shared_secret(realm.settings))->reveal() == text.substr(0, 64));
    const auto again = make_shared_secret(realm, file.string());
    REQUIRE_FALSE(again);
    CHECK(again.error().code == ErrorCode::exists);
    CHECK(content(file) == text);
}

TEST_CASE("two shared secrets are not alike, and none is in the trail") {
    TestRealm realm;
    const fs::path one = realm.directory() / "one";
    const fs::path two = realm.directory() / "two";
    REQUIRE(make_shared_secret(realm, one.string()));
    REQUIRE(make_shared_secret(realm, two.string()));
    CHECK(content(one) != content(two));
    CHECK(realm.count("SELECT count(*) FROM audit WHERE detail LIKE '%" +
                      content(one).substr(0, 64) + "%'") == 0);
}

TEST_CASE("the setting that was there stays") {
    TestRealm realm;
    const std::string file = (realm.directory() / "chosen").string();
    realm.set("token.secret_file", file);
    REQUIRE(make_shared_secret(realm, file));
    CHECK(stored_path(realm).empty()); // it came from elsewhere
    CHECK(*shared_secret(realm.settings));
}

TEST_CASE("a dry run makes no secret") {
    TestRealm realm;
    const fs::path file = realm.directory() / "secret";
    realm.realm().dry_run = true;
    realm.database().set_dry_run(true);
    REQUIRE(make_shared_secret(realm, file.string()));
    CHECK_FALSE(fs::exists(file));
    CHECK(stored_path(realm).empty());
}

TEST_CASE("a file in the way of a secret is never written to") {
    TestRealm realm;
    const fs::path target = realm.directory() / "target";
    const fs::path link = realm.directory() / "link";
    fs::create_symlink(target, link);
    CHECK_FALSE(make_shared_secret(realm, link.string()));
    CHECK_FALSE(fs::exists(target));
    CHECK(stored_path(realm).empty());
    CHECK(realm.events().back() == "key_created"); // that of the first key
    CHECK(realm.count("SELECT count(*) FROM audit WHERE event = 'key_created'") == 1);
}
