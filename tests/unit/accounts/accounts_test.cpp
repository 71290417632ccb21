#include "core/accounts/accounts.h"
#include "core/accounts/credentials.h"
#include "core/accounts/passwords_table.h"
#include "core/accounts/verification.h"
#include "core/mail/outbox.h"
#include "core/users/users_table.h"
#include "support/at_once.h"
#include "support/catch.h"
#include "support/test_realm.h"

#include <atomic>
#include <vector>

using namespace auth;
using namespace std::chrono_literals;
using test::TestRealm;
using test::user_ref;

namespace {

NewUser new_ann() {
    return NewUser(test::email("Ann@Example.org"));
}

template <class Act> Error failure_of(Act act) {
    if (auto result = act(); !result)
        return result.error();
    throw std::logic_error("nothing failed");
}

template <class Act> auto within(TestRealm& realm, Act act) {
    Transaction transaction(realm.database());
    auto result = act();
    if (result)
        transaction.commit();
    return result;
}

} // namespace

TEST_CASE("a new user is stored with a code, a mail and an audit row") {
    TestRealm realm;
    NewUser wanted = new_ann();
    wanted.password = Secret(test::good_password);
    wanted.profile.name = "Ann Lee";
    wanted.profile.username = "Ann.L";
    wanted.profile.attributes = {{"team", "red"}};
    const auto created = create_user(realm, wanted);
    REQUIRE(created);
    const auto mails = test::posted_mails(realm, Departure::awaited);
    REQUIRE(mails.size() == 1);
    CHECK(mails.front().to == "ann@example.org");
    realm.reopen();
    const User user = test::stored_user(realm);
    CHECK(user.id == created->id);
    CHECK(user.email == "Ann@Example.org");
    CHECK(user.email_key == "ann@example.org");
    CHECK(user.name == "Ann Lee");
    CHECK(user.attributes == Attributes{{"team", "red"}});
    CHECK_FALSE(user.verified_at);
    CHECK_FALSE(user.disabled_at);
    CHECK(user.created_at == realm.clock.now());
    CHECK(test::stored_user(realm, "@ANN.l").id == user.id);
    CHECK(test::stored_user(realm, "id:" + user.id).id == user.id);
    CHECK(list_mail(realm, {user.id, "verify", 0}).size() == 1);
    CHECK(realm.events().back() == "user_created");
}

TEST_CASE("a verified user gets no code") {
    TestRealm realm;
    NewUser wanted = new_ann();
    wanted.verified = true;
    const auto created = create_user(realm, wanted);
    REQUIRE(created);
    CHECK(realm.realm().posted->empty());
    CHECK(realm.count("SELECT count(*) FROM codes") == 0);
    CHECK(created->verified_at == realm.clock.now());
}

TEST_CASE("whose word a password rests on is kept with it") {
    TestRealm realm;
    const auto set_by = [&](const std::string& address) {
        const User user = test::add_user(realm, {address});
        return passwords_table::find(realm.database(), user.id)->set_by;
    };
    CHECK(set_by("a@example.org") == "operator");
    realm.realm().operated = false;
    const User signed_up =
        test::add_user(realm, {"b@example.org", std::string(test::good_password), false});
    CHECK(passwords_table::find(realm.database(), signed_up.id)->set_by == "signup");
}

TEST_CASE("a sign-up counts as a request for mail, and fails whole where none is due") {
    TestRealm realm;
    realm.realm().operated = false;
    for (int i = 0; i < 30; ++i)
        REQUIRE(create_user(realm, NewUser(test::email("u" + std::to_string(i) + "@example.org"))));
    const Error refused = failure_of([&] { return create_user(realm, new_ann()); });
    CHECK(refused.code == ErrorCode::rate_limited);
    CHECK(refused.retry_after == Seconds(60));
    CHECK(realm.count("SELECT count(*) FROM users") == 30);
    CHECK(realm.count("SELECT count(*) FROM outbox") == 30);
    CHECK(realm.count("SELECT count(*) FROM audit WHERE event = 'user_created'") == 30);
    realm.clock.advance(Seconds(60));
    REQUIRE(create_user(realm, new_ann()));
    CHECK(failure_of([&] {
              return resend_verification(realm, test::user_ref("ann@example.org"));
          }).code == ErrorCode::rate_limited);
}

TEST_CASE("asking whether an address is taken counts, a weak password does not") {
    TestRealm realm(test::RealmKind::normal);
    realm.realm().operated = false;
    const auto sign_up = [&](const char* address, const char* password) {
        NewUser wanted(test::email(address));
        wanted.password.emplace(std::string_view(password));
        const auto made = create_user(realm, wanted);
        return made ? std::optional<ErrorCode>() : made.error().code;
    };
    CHECK(sign_up("ann@example.org", "short") == ErrorCode::refused);
    CHECK(sign_up("ann@example.org", test::good_password.data()) == std::nullopt);
    realm.clock.advance(Seconds(3600));
    CHECK(sign_up("ann@example.org", test::good_password.data()) == ErrorCode::exists);
    CHECK(sign_up("ann@example.org", test::good_password.data()) == ErrorCode::rate_limited);
    CHECK(realm.count("SELECT count(*) FROM users") == 1);
}

TEST_CASE("an address is not signed up again and again") {
    TestRealm realm;
    realm.realm().operated = false;
    for (int i = 0; i < 5; ++i) {
        REQUIRE(create_user(realm, new_ann()));
        Transaction transaction(realm.database());
        REQUIRE(delete_user(realm, test::user_ref("ann@example.org")));
        transaction.commit();
        realm.clock.advance(Seconds(60));
    }
    CHECK(failure_of([&] { return create_user(realm, new_ann()); }).retry_after == Seconds(3300));
}

TEST_CASE("an address or user name belongs to one user") {
    TestRealm realm;
    NewUser first = new_ann();
    first.profile.username = "ann";
    REQUIRE(create_user(realm, first));
    const Error address = failure_of([&] { return create_user(realm, new_ann()); });
    CHECK(address.code == ErrorCode::exists);
    CHECK(address.field == "email");
    CHECK(address.message == "'Ann@Example.org' already exists");

    NewUser second(test::email("other@example.org"));
    second.profile.username = "ANN";
    const Error name = failure_of([&] { return create_user(realm, second); });
    CHECK(name.code == ErrorCode::exists);
    CHECK(name.field == "username");
    realm.reopen();
    CHECK(realm.count("SELECT count(*) FROM users") == 1);
    CHECK(realm.count("SELECT count(*) FROM outbox") == 1);
}

TEST_CASE("of many that create one address at once, one does") {
    TestRealm realm;
    std::atomic<int> made = 0;
    std::atomic<int> taken = 0;
    const auto thrown = test::at_once(8, [&](unsigned i) {
        test::OtherProcess process(realm, i + 100);
        const auto created = create_user(process.realm(), new_ann());
        made += created.has_value();
        taken += !created && created.error().code == ErrorCode::exists;
    });
    CHECK(thrown == std::vector<std::string>());
    CHECK(made == 1);
    CHECK(taken == 7);
}

TEST_CASE("a user that is refused leaves no trace") {
    TestRealm realm(test::RealmKind::normal);
    const std::size_t rows = realm.events().size();
    NewUser weak = new_ann();
    weak.password = Secret("password1234567");
    const auto refused = create_user(realm, weak);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::refused);
    CHECK(refused.error().reason == "weak_password");

    NewUser roled = new_ann();
    roled.roles = {test::role("admin")};
    CHECK(create_user(realm, roled).error().code == ErrorCode::not_found);

    NewUser named = new_ann();
    named.profile.name = "bell\a";
    CHECK(create_user(realm, named).error().field == "name");

    NewUser hashed = new_ann();
    hashed.password_hash = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQxMjM0NTY$"
                           "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    CHECK(create_user(realm, hashed).error().reason == "weak_hash");
    realm.reopen();
    CHECK(realm.count("SELECT count(*) FROM users") == 0);
    CHECK(realm.events().size() == rows);
}

TEST_CASE("an unknown user is not found, and the nearest is named") {
    TestRealm realm;
    test::add_user(realm, {"ann@example.org"});
    const auto refused = require_user(realm, user_ref("anm@example.org"));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::not_found);
    CHECK(refused.error().hint == "did you mean 'ann@example.org'?");
    CHECK(require_user(realm, user_ref("@ann")).error().hint == NextStep{"list"});
}

TEST_CASE("an update changes what it names, once") {
    TestRealm realm;
    test::add_user(realm);
    realm.clock.advance(10s);
    UserChange change;
    change.profile.name = "Ann Lee";
    change.profile.attributes = {{"team", "red"}};
    const auto updated = update_user(realm, user_ref("ann@example.org"), change);
    REQUIRE(updated);
    CHECK(updated->changed);
    const std::size_t rows = realm.events().size();
    realm.clock.advance(10s);
    const auto again = update_user(realm, user_ref("ann@example.org"), change);
    REQUIRE(again);
    CHECK_FALSE(again->changed);
    CHECK(again->user.updated_at == updated->user.updated_at);
    CHECK(realm.events().size() == rows);
    realm.reopen();
    CHECK(test::stored_user(realm).name == "Ann Lee");
    CHECK(test::stored_user(realm).updated_at == realm.clock.now() - 10s);

    UserChange clear;
    clear.profile.name = "";
    clear.profile.attributes = {{"team", ""}};
    REQUIRE(update_user(realm, user_ref("ann@example.org"), clear));
    CHECK_FALSE(test::stored_user(realm).name);
    CHECK(test::stored_user(realm).attributes.empty());
}

TEST_CASE("a new address must be verified, and its code goes there") {
    TestRealm realm;
    test::add_user(realm);
    UserChange change;
    change.email = test::email("new@example.org");
    const auto updated = update_user(realm, user_ref("ann@example.org"), change);
    REQUIRE(updated);
    CHECK(updated->moved);
    const auto mails = test::posted_mails(realm, Departure::awaited);
    REQUIRE(mails.size() == 1);
    CHECK(mails.front().to == "new@example.org");
    realm.reopen();
    CHECK_FALSE(test::stored_user(realm, "new@example.org").verified_at);
    CHECK_FALSE(users_table::find(realm.database(), user_ref("ann@example.org")));
}

TEST_CASE("another spelling of the address is no new address") {
    TestRealm realm;
    test::add_user(realm);
    UserChange change;
    change.email = test::email("ANN@example.org");
    const auto updated = update_user(realm, user_ref("ann@example.org"), change);
    REQUIRE(updated);
    CHECK(updated->changed);
    CHECK_FALSE(updated->moved);
    CHECK(realm.realm().posted->empty());
    CHECK(test::stored_user(realm).email == "ANN@example.org");
    CHECK(test::stored_user(realm).verified_at);
}

TEST_CASE("a code mailed to an old address does not speak for the new one") {
    TestRealm realm;
    test::add_user(realm);
    REQUIRE(request_reset(realm, user_ref("ann@example.org")));
    const Secret code = test::mailed_code(realm, "reset");
    UserChange change;
    change.email = test::email("new@example.org");
    REQUIRE(update_user(realm, user_ref("ann@example.org"), change));
    const auto reset =
        reset_password(realm, user_ref("new@example.org"), code, Secret(test::other_password));
    REQUIRE_FALSE(reset);
    CHECK(reset.error().code == ErrorCode::bad_code);
    CHECK_FALSE(test::stored_user(realm, "new@example.org").verified_at);
}

TEST_CASE("an address that is taken stays with its user") {
    TestRealm realm;
    test::add_user(realm);
    test::add_user(realm, {"bob@example.org"});
    UserChange change;
    change.email = test::email("bob@example.org");
    change.profile.name = "Thief";
    const Error taken =
        failure_of([&] { return update_user(realm, user_ref("ann@example.org"), change); });
    CHECK(taken.code == ErrorCode::exists);
    CHECK(taken.field == "email");
    realm.reopen();
    CHECK_FALSE(test::stored_user(realm).name);
}

TEST_CASE("disabling ends sessions and says why, once") {
    TestRealm realm;
    const User before = test::add_user(realm);
    const auto disable = [&](bool to, const char* why) {
        return within(realm, [&] { return set_disabled(realm, user_ref(before.email), to, why); });
    };
    CHECK(disable(true, "left the company")->changed);
    CHECK_FALSE(disable(true, "again")->changed);
    realm.reopen();
    const User disabled = test::stored_user(realm);
    CHECK(disabled.disabled_at == realm.clock.now());
    CHECK(disabled.disabled_reason == "left the company");
    CHECK(disabled.session_epoch == before.session_epoch + 1);
    CHECK(realm.events().back() == "user_disabled");
    CHECK(disable(false, "")->changed);
    CHECK_FALSE(disable(false, "")->changed);
    CHECK_FALSE(test::stored_user(realm).disabled_at);
    CHECK(test::stored_user(realm).disabled_reason.empty());
    CHECK(test::stored_user(realm).session_epoch == disabled.session_epoch);
}

TEST_CASE("deleting erases everything but the trail") {
    TestRealm realm;
    const User user = test::add_user(realm);
    REQUIRE(request_reset(realm, user_ref(user.email)));
    (void)authenticate(realm, user_ref(user.email), Secret("wrong"));
    REQUIRE(within(realm, [&] { return delete_user(realm, user_ref(user.email)); }));
    realm.reopen();
    for (const char* table :
         {"users", "passwords", "codes", "outbox", "sessions", "user_roles", "attempts"}) {
        CAPTURE(table);
        CHECK(realm.count("SELECT count(*) FROM " + std::string(table)) == 0);
    }
    CHECK(realm.count("SELECT count(*) FROM audit WHERE event = 'user_deleted' AND target = '" +
                      user.id + "'") == 1);
    CHECK(within(realm, [&] { return delete_user(realm, user_ref(user.email)); }).error().code ==
          ErrorCode::not_found);
    CHECK(test::add_user(realm).id != user.id);
}

TEST_CASE("unlocking ends waits, and says whether there was one") {
    TestRealm realm;
    test::add_user(realm);
    const auto unlock = [&] {
        return within(realm, [&] { return unlock_user(realm, user_ref("ann@example.org")); });
    };
    CHECK_FALSE(unlock()->changed);
    (void)authenticate(realm, user_ref("ann@example.org"), Secret("wrong"));
    CHECK(authenticate(realm, user_ref("ann@example.org"), Secret(test::good_password))
              .error()
              .code == ErrorCode::rate_limited);
    CHECK(unlock()->changed);
    CHECK(authenticate(realm, user_ref("ann@example.org"), Secret(test::good_password)));
}
