#include "core/accounts/accounts.h"
#include "core/accounts/attempts_table.h"
#include "core/accounts/credentials.h"
#include "core/accounts/lockout.h"
#include "core/accounts/passwords_table.h"
#include "core/accounts/subject_proof.h"
#include "core/users/users_table.h"
#include "support/catch.h"
#include "support/test_realm.h"

#include <algorithm>

using namespace auth;
using namespace std::chrono_literals;
using test::ann;
using test::RealmKind;
using test::TestRealm;
using test::user_ref;

namespace {

const std::string_view password = test::good_password;
// By libxcrypt through Python: crypt.crypt(password, "$2b$05$abcdefghijklmnopqrstuu")
const std::string bcrypt = "$2b$05$abcdefghijklmnopqrstuuMgydOUHVT1XQtelGNZ6SOJUqnCrYGva";

Result<Authenticated> log_in_as(Realm& realm, std::string_view who, std::string_view typed) {
    return authenticate(realm, user_ref(who), Secret(typed));
}

Status completed(TestRealm& realm, const Authenticated& proof) {
    Transaction transaction(realm.database());
    const auto now = users_table::find_by_id(realm.database(), proof.user.id);
    Status status = use_proof(realm, now.value_or(proof.user), {.password = proof});
    if (status)
        transaction.commit();
    return status;
}

std::string stored_hash(TestRealm& realm) {
    return passwords_table::find(realm.database(), test::stored_user(realm).id)->hash;
}

void store_foreign(TestRealm& realm, const std::string& hash) {
    realm.execute("UPDATE passwords SET hash = '" + hash + "'");
}

void check_uniform(const Result<Authenticated>& refused) {
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::bad_credentials);
    CHECK(refused.error().message == "wrong e-mail address or password");
    CHECK(refused.error().hint == NextStep{"reset", {"EMAIL"}});
    CHECK(refused.error().reason.empty());
    CHECK(refused.error().field.empty());
    CHECK_FALSE(refused.error().retry_after);
}

} // namespace

TEST_CASE("the right password is proved") {
    TestRealm realm;
    const User user = test::add_user(realm);
    const auto proof = log_in_as(realm, ann, password);
    REQUIRE(proof);
    CHECK(proof->user.id == user.id);
    CHECK(proof->stored_hash == stored_hash(realm));
    CHECK_FALSE(proof->new_hash);
    CHECK(completed(realm, *proof));
    CHECK(realm.count("SELECT count(*) FROM attempts") == 0);
}

TEST_CASE("every wrong answer reads alike") {
    TestRealm realm;
    test::add_user(realm);
    test::add_user(realm, {"bare@example.org", std::nullopt});
    test::add_user(realm, {"off@example.org", std::string(password), true, true});
    test::add_user(realm, {"new@example.org", std::string(password), false});
    test::add_user(realm, {"must@example.org", std::string(password), true, false, true});
    for (const char* who :
         {ann, "bare@example.org", "off@example.org", "new@example.org", "must@example.org",
          "nobody@example.org", "@nobody", "id:018f0000-0000-7000-8000-000000000000"}) {
        CAPTURE(who);
        check_uniform(log_in_as(realm, who, "wrong"));
        CHECK(realm.events().back() == "authn_login_fail");
    }
}

TEST_CASE("a user without a password has none that is right") {
    TestRealm realm;
    test::add_user(realm, {ann, std::nullopt});
    for (const char* typed : {"", "x"}) {
        check_uniform(log_in_as(realm, ann, typed));
        realm.clock.advance(10s);
    }
}

TEST_CASE("only the right password learns the account's state") {
    TestRealm realm;
    test::add_user(realm, {"off@example.org", std::string(password), true, true});
    test::add_user(realm, {"new@example.org", std::string(password), false});
    test::add_user(realm, {"must@example.org", std::string(password), true, false, true});
    const std::pair<const char*, const char*> states[] = {
        {"off@example.org", "disabled"},
        {"new@example.org", "unverified"},
        {"must@example.org", "must_change_password"}};
    for (const auto& [who, reason] : states) {
        const auto refused = log_in_as(realm, who, password);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == ErrorCode::refused);
        CHECK(refused.error().reason == reason);
    }
    CHECK(realm.count("SELECT count(*) FROM attempts") == 0);
    realm.set("verification.required", "false");
    CHECK(log_in_as(realm, "new@example.org", password));
}

TEST_CASE("a wrong password counts, and the next must wait, known or not") {
    TestRealm realm;
    test::add_user(realm);
    for (const char* who : {ann, "nobody@example.org"}) {
        CAPTURE(who);
        check_uniform(log_in_as(realm, who, "wrong"));
        const auto early = log_in_as(realm, who, password);
        REQUIRE_FALSE(early);
        CHECK(early.error().code == ErrorCode::rate_limited);
        CHECK(early.error().retry_after == 1s);
    }
    realm.clock.advance(1s);
    CHECK(log_in_as(realm, ann, password));
}

TEST_CASE("one account has one ladder, however it is named") {
    TestRealm realm;
    const User user = test::add_user(realm);
    UserChange change;
    change.profile.username = "ann";
    REQUIRE(update_user(realm, user_ref(ann), change));
    check_uniform(log_in_as(realm, ann, "wrong"));
    CHECK(log_in_as(realm, "@ann", password).error().code == ErrorCode::rate_limited);
    CHECK(log_in_as(realm, "id:" + user.id, password).error().code == ErrorCode::rate_limited);
}

TEST_CASE("the hundredth wrong password locks, and the right one comes too late") {
    TestRealm realm;
    realm.set("lockout.waits", "false");
    test::add_user(realm);
    for (int i = 0; i < 100; ++i)
        check_uniform(log_in_as(realm, ann, "wrong"));
    CHECK(log_in_as(realm, ann, password).error().code == ErrorCode::locked_out);
}

TEST_CASE("a foreign hash is replaced by one of ours at the first right password") {
    TestRealm realm;
    test::add_user(realm);
    store_foreign(realm, bcrypt);
    const auto proof = log_in_as(realm, ann, password);
    REQUIRE(proof);
    REQUIRE(proof->new_hash);
    CHECK(stored_hash(realm) == bcrypt);
    REQUIRE(completed(realm, *proof));
    realm.reopen();
    CHECK(stored_hash(realm).starts_with("$argon2id$"));
    const auto again = log_in_as(realm, ann, password);
    REQUIRE(again);
    CHECK_FALSE(again->new_hash);
}

TEST_CASE("a wrong password leaves the row untouched") {
    TestRealm realm;
    const User user = test::add_user(realm);
    store_foreign(realm, bcrypt);
    const auto before = passwords_table::find(realm.database(), user.id);
    realm.clock.advance(100s);
    check_uniform(log_in_as(realm, ann, "wrong"));
    realm.reopen();
    const auto after = passwords_table::find(realm.database(), user.id);
    CHECK(after->hash == before->hash);
    CHECK(after->changed_at == before->changed_at);
    CHECK(after->set_by == before->set_by);
    CHECK(test::stored_user(realm).updated_at == user.updated_at);
}

TEST_CASE("a password changed while it was being proved proves nothing") {
    TestRealm realm;
    test::add_user(realm);
    const auto proof = log_in_as(realm, ann, password);
    REQUIRE(proof);
    REQUIRE(set_password(realm, user_ref(ann), Secret(test::other_password), false));
    const Status late = completed(realm, *proof);
    REQUIRE_FALSE(late);
    CHECK(late.error().code == ErrorCode::bad_credentials);
    realm.clock.advance(20s); // the attempt went unanswered, and so has failed
    CHECK(log_in_as(realm, ann, test::other_password));
}

TEST_CASE("a user deleted while the password was being proved is gone") {
    TestRealm realm;
    test::add_user(realm);
    const auto proof = log_in_as(realm, ann, password);
    REQUIRE(proof);
    {
        Transaction transaction(realm.database());
        REQUIRE(delete_user(realm, user_ref(ann)));
        transaction.commit();
    }
    CHECK(completed(realm, *proof).error().code == ErrorCode::bad_credentials);
}

TEST_CASE("two first logins at once after an import both succeed") {
    TestRealm realm;
    test::add_user(realm);
    store_foreign(realm, bcrypt);
    const auto first = log_in_as(realm, ann, password);
    REQUIRE(first);
    close_attempt(realm, first->address); // so that the second need not wait for it
    const auto second = log_in_as(realm, ann, password);
    REQUIRE(second);
    CHECK(completed(realm, *first));
    CHECK(completed(realm, *second));
    CHECK(log_in_as(realm, ann, password));
}

TEST_CASE("an operator's new password ends sessions, codes and the old password") {
    TestRealm realm;
    const User before = test::add_user(realm, {ann, std::string(password), false});
    const auto changed = set_password(realm, user_ref(ann), Secret(test::other_password), true);
    REQUIRE(changed);
    realm.reopen();
    const User user = test::stored_user(realm);
    CHECK(user.session_epoch == before.session_epoch + 1);
    CHECK(user.must_change_password);
    CHECK(realm.count("SELECT count(*) FROM codes") == 0);
    CHECK(passwords_table::find(realm.database(), user.id)->set_by == "operator");
    CHECK(realm.events().back() == "authn_password_change");
    check_uniform(log_in_as(realm, ann, password));
    CHECK(set_password(realm, user_ref("nobody@example.org"), Secret(test::other_password), false)
              .error()
              .code == ErrorCode::not_found);
}

TEST_CASE("a normal database takes good passwords and refuses the user's own words") {
    TestRealm realm(RealmKind::normal);
    const User user = test::add_user(realm);
    CHECK(stored_hash(realm).find("$m=19456,t=2,p=1$") != std::string::npos);
    for (const char* typed : {"tiny", "ann@example.org1", "aaaaaaaaaaaaaaaaaaaa"}) {
        CAPTURE(typed);
        const auto refused = set_password(realm, user_ref(ann), Secret(typed), false);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().reason == "weak_password");
        CHECK(refused.error().message.find(typed) == std::string::npos);
    }
    const auto words = own_words(user);
    for (const char* word : {"ann@example.org", "ann", "auth-cli"})
        CHECK(std::find(words.begin(), words.end(), word) != words.end());
    CHECK(log_in_as(realm, ann, password));
}

TEST_CASE("a normal database neither takes nor compares hashes of test cost") {
    TestRealm cheap;
    test::add_user(cheap);
    const std::string hash = stored_hash(cheap);
    CHECK(accept_hash(hash, true)->stored == hash);
    CHECK(password_cost(cheap) == test_password_cost);

    TestRealm normal(RealmKind::normal);
    test::add_user(normal);
    const auto refused = accept_hash(hash, false);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().reason == "weak_hash");
    store_foreign(normal, hash);
    check_uniform(log_in_as(normal, ann, password));
}

TEST_CASE("what is no hash is refused, and a stored one that is none opens nothing") {
    TestRealm realm;
    test::add_user(realm);
    CHECK(accept_hash("plain-text", false).error().code == ErrorCode::usage);
    store_foreign(realm, "plain-text");
    check_uniform(log_in_as(realm, ann, "plain-text"));
}

TEST_CASE("raising the cost rehashes at the next login") {
    TestRealm realm;
    test::add_user(realm);
    realm.set("password.memory", "64");
    realm.set("password.passes", "2");
    const auto proof = log_in_as(realm, ann, password);
    REQUIRE(proof);
    REQUIRE(proof->new_hash);
    REQUIRE(completed(realm, *proof));
    CHECK(stored_hash(realm).find("$m=64,t=2,p=1$") != std::string::npos);
}

TEST_CASE("a right password does not forget wrong codes") {
    TestRealm realm;
    test::add_user(realm);
    const std::string address = address_mac(realm, ann);
    {
        Transaction transaction(realm.database());
        REQUIRE(count_code_attempt(realm, address));
        REQUIRE(count_code_attempt(realm, address));
        transaction.commit();
    }
    const auto proof = log_in_as(realm, ann, password);
    REQUIRE(proof);
    REQUIRE(completed(realm, *proof));
    CHECK(attempts_table::find(realm.database(), address).failures == 0);
    CHECK(attempts_table::find(realm.database(), address).code_failures == 2);
}

TEST_CASE("a login attempt that cannot be recorded is refused") {
    TestRealm realm;
    test::add_user(realm);
    realm.execute("PRAGMA query_only=ON");
    CHECK_THROWS_AS(log_in_as(realm, ann, password), Failure);
}
