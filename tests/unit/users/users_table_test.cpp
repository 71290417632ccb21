#include "core/users/users_table.h"
#include "support/catch.h"
#include "support/test_realm.h"

using namespace auth;
using test::TestRealm;

namespace {

void set_all(User& user, std::string_view suffix) {
    for (const ProfileField& field : profile_fields)
        user.*field.place = std::string(field.name) + std::string(suffix);
}

void check_kept(TestRealm& realm, const User& wanted) {
    const auto kept = users_table::find_by_id(realm.database(), wanted.id);
    REQUIRE(kept);
    for (const ProfileField& field : profile_fields) {
        CAPTURE(field.name);
        CHECK((*kept).*field.place == wanted.*field.place);
    }
    CHECK(kept->email == wanted.email);
    CHECK(kept->attributes == wanted.attributes);
    CHECK(kept->verified_at == wanted.verified_at);
    CHECK(kept->disabled_at == wanted.disabled_at);
    CHECK(kept->disabled_reason == wanted.disabled_reason);
    CHECK(kept->must_change_password == wanted.must_change_password);
    CHECK(kept->session_epoch == wanted.session_epoch);
    CHECK(kept->created_at == wanted.created_at);
    CHECK(kept->updated_at == wanted.updated_at);
    CHECK(kept->last_login_at == wanted.last_login_at);
}

User some_user(std::string_view name) {
    User user;
    user.id = "00000000-0000-7000-8000-00000000000" + std::string(name);
    user.email = user.email_key = std::string(name) + "@example.org";
    user.attributes = {{"team", "red"}};
    user.verified_at = from_unix_seconds(11);
    user.disabled_at = from_unix_seconds(12);
    user.disabled_reason = "left";
    user.must_change_password = true;
    user.session_epoch = 13;
    user.created_at = from_unix_seconds(14);
    user.updated_at = from_unix_seconds(15);
    user.last_login_at = from_unix_seconds(16);
    return user;
}

} // namespace

TEST_CASE("a user's row keeps every member", "[users]") {
    TestRealm realm;
    Transaction transaction(realm.database());
    User user = some_user("1");
    set_all(user, "-1");
    REQUIRE(users_table::insert(realm.database(), user));
    check_kept(realm, user);
    set_all(user, "-2");
    user.attributes.clear();
    user.verified_at.reset();
    users_table::update(realm.database(), user);
    check_kept(realm, user);
    static_cast<Profile&>(user) = Profile();
    users_table::update(realm.database(), user);
    check_kept(realm, user);
}

TEST_CASE("bulk work keeps every member", "[users]") {
    TestRealm realm;
    User user = some_user("1");
    set_all(user, "-1");
    Transaction transaction(realm.database());
    const auto rows = users_table::bulk_insert(realm.database(), WhenTaken::broken);
    users_table::add(*rows, user);
    REQUIRE(rows->finish());
    transaction.commit();
    check_kept(realm, user);
}

TEST_CASE("users are found by each field of their profile", "[users]") {
    TestRealm realm;
    Transaction transaction(realm.database());
    User ann = some_user("1");
    set_all(ann, "-1");
    REQUIRE(users_table::insert(realm.database(), ann));
    REQUIRE(users_table::insert(realm.database(), some_user("2")));
    for (const ProfileField& field : profile_fields) {
        CAPTURE(field.name);
        const std::string name(field.name);
        users_table::Page page;
        page.filter = *parse_user_filter(name + "=" + name + "-1", realm.clock.now());
        const auto found = users_table::list(realm.database(), page);
        REQUIRE(found.size() == 1);
        CHECK(found.front().user.id == ann.id);
        CHECK(found.front().sort_value == ann.email_key);
        page.filter = *parse_user_filter(name + "=null", realm.clock.now());
        CHECK(users_table::list(realm.database(), page).size() == 1);
    }
}

TEST_CASE("a change of the profile names each field", "[users]") {
    ProfileChange change;
    User user;
    for (const ProfileField& field : profile_fields)
        change.*field.place = "x1";
    const std::vector<std::string> all(profile_names.begin(), profile_names.end());
    CHECK(check_profile(change).has_value());
    CHECK(apply_profile(user, change) == all);
    CHECK(apply_profile(user, change).empty());
    for (const ProfileField& field : profile_fields) {
        CHECK(user.*field.place == "x1");
        change.*field.place = "";
    }
    CHECK(check_profile(change).has_value());
    CHECK(apply_profile(user, change) == all);
    CHECK_FALSE(user.name);
}

TEST_CASE("the table says which value of a user is taken", "[users]") {
    TestRealm realm;
    Database& database = realm.database();
    Transaction transaction(database);
    User ann = some_user("1");
    ann.username = "Ann";
    User bob = some_user("2");
    REQUIRE(users_table::insert(database, ann));
    REQUIRE(users_table::insert(database, bob));
    const auto refused = [&](const Status& written) {
        REQUIRE_FALSE(written);
        CHECK(written.error().code == ErrorCode::exists);
        CHECK(users_table::count(database) == 2);
        return written.error();
    };

    User other = some_user("3");
    other.email = "1@EXAMPLE.org";
    other.email_key = ann.email_key;
    other.username = "ANN"; // the address is told first
    const Error address = refused(users_table::insert(database, other));
    CHECK(address.field == "email");
    CHECK(address.message == "'1@EXAMPLE.org' already exists");
    CHECK(address.hint == NextStep{"show", {ann.email_key}});
    other = some_user("3");
    other.username = "ANN";
    const Error name = refused(users_table::insert(database, other));
    CHECK(name.field == "username");
    CHECK(name.message == "the username 'ANN' is already taken");
    CHECK(name.hint == NextStep{"show", {"@ann"}});
    other = some_user("3");
    other.id = ann.id;
    CHECK(refused(users_table::insert(database, other)).field == "id");

    const User before = bob;
    bob.username = "aNN";
    CHECK(refused(users_table::rename(database, bob)).field == "username");
    bob.email = bob.email_key = ann.email_key;
    CHECK(refused(users_table::rename(database, bob)).field == "email");
    check_kept(realm, before);
    bob = before;
    bob.email = bob.email_key = "bob@example.org";
    bob.username = "bob";
    REQUIRE(users_table::rename(database, bob));
    check_kept(realm, bob);
    REQUIRE(users_table::rename(database, bob)); // its own values are free
}
