#include "core/accounts/accounts.h"
#include "core/accounts/attempts_table.h"
#include "core/accounts/credentials.h"
#include "core/accounts/lockout.h"
#include "core/accounts/passwords_table.h"
#include "core/accounts/verification.h"
#include "core/audit/audit.h"
#include "core/mail/outbox.h"
#include "core/sessions/access.h"
#include "core/sessions/session.h"
#include "support/catch.h"
#include "support/test_realm.h"

using namespace auth;
using namespace std::chrono_literals;
using test::ann;
using test::TestRealm;
using test::user_ref;

namespace {

const char* const nobody = "nobody@example.org";

void check_same(const Error& a, const Error& b) {
    CHECK(a.code == b.code);
    CHECK(a.message == b.message);
    CHECK(a.reason == b.reason);
    CHECK(a.field == b.field);
    CHECK(a.retry_after == b.retry_after);
}

bool opens(Realm& realm, std::string_view password) {
    return authenticate(realm, user_ref(ann), Secret(password)).has_value();
}

Secret reset_code(TestRealm& realm) {
    REQUIRE(request_reset(realm, user_ref(ann)));
    return test::mailed_code(realm, "reset");
}

Result<User> reset(TestRealm& realm, const Secret& code,
                   std::string_view password = test::other_password) {
    return reset_password(realm, user_ref(ann), code, Secret(password));
}

std::int64_t failures(TestRealm& realm) {
    return attempts_table::find(realm.database(), address_mac(realm, ann)).failures;
}

} // namespace

TEST_CASE("the mailed code verifies the address, once") {
    TestRealm realm;
    test::add_user(realm, {ann, std::nullopt, false});
    const Secret code = test::mailed_code(realm, "verify");
    realm.clock.advance(30s);
    const auto verified = verify_user(realm, user_ref(ann), code);
    REQUIRE(verified);
    CHECK(verified->changed);
    realm.reopen();
    CHECK(test::stored_user(realm).verified_at == realm.clock.now());
    CHECK(realm.events().back() == "user_verified");
    CHECK(failures(realm) == 0);
    CHECK(verify_user(realm, user_ref(ann), code).error().code == ErrorCode::bad_code);
}

TEST_CASE("a wrong code is refused alike for known and unknown addresses") {
    TestRealm realm;
    test::add_user(realm, {ann, std::nullopt, false});
    const Secret wrong = test::wrong_code(test::mailed_code(realm, "verify"));
    const auto known = verify_user(realm, user_ref(ann), wrong);
    const auto unknown = verify_user(realm, user_ref(nobody), wrong);
    REQUIRE_FALSE(known);
    REQUIRE_FALSE(unknown);
    check_same(known.error(), unknown.error());
    CHECK(known.error().code == ErrorCode::bad_code);
    CHECK(known.error().message == "wrong code");
    CHECK(known.error().hint == NextStep{"verify", {"ann@example.org", "--resend"}});
    CHECK(realm.events().back() == "authn_verify_fail");
}

TEST_CASE("a code is burnt, replaced or used up without a word about which") {
    TestRealm realm;
    test::add_user(realm, {ann, std::nullopt, false});
    const Secret first = test::mailed_code(realm, "verify");
    const auto refusal = [&](const Secret& code) {
        const auto refused = verify_user(realm, user_ref(ann), code);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().message == "wrong code");
        return refused.error().code;
    };
    for (int i = 0; i < 5; ++i)
        CHECK(refusal(test::wrong_code(first)) == ErrorCode::bad_code);
    CHECK(refusal(first) == ErrorCode::bad_code);

    realm.clock.advance(3s);
    REQUIRE(resend_verification(realm, user_ref(ann)));
    const Secret second = test::mailed_code(realm, "verify");
    CHECK(refusal(first) == ErrorCode::bad_code);
    realm.clock.advance(3s);
    CHECK(verify_user(realm, user_ref(ann), second));
    CHECK(refusal(second) == ErrorCode::bad_code);
}

TEST_CASE("a right code that is too old has expired, a wrong one is wrong") {
    TestRealm realm;
    test::add_user(realm, {ann, std::nullopt, false});
    const Secret code = test::mailed_code(realm, "verify");
    realm.clock.advance(600s);
    const auto late = verify_user(realm, user_ref(ann), code);
    REQUIRE_FALSE(late);
    CHECK(late.error().code == ErrorCode::expired);
    CHECK(verify_user(realm, user_ref(ann), test::wrong_code(code)).error().code ==
          ErrorCode::bad_code);
    CHECK_FALSE(test::stored_user(realm).verified_at);
}

TEST_CASE("a code is bound to its user and its purpose") {
    TestRealm realm;
    test::add_user(realm, {ann, std::nullopt, false});
    test::add_user(realm, {"bob@example.org", std::nullopt, false});
    const Secret code = test::mailed_code(realm, "verify");
    CHECK_FALSE(verify_user(realm, user_ref("bob@example.org"), code));
    CHECK_FALSE(reset(realm, code));
    CHECK(verify_user(realm, user_ref(ann), code));
}

TEST_CASE("every code attempt is on record before it is compared") {
    TestRealm realm;
    test::add_user(realm, {ann, std::nullopt, false});
    const Secret wrong = test::wrong_code(test::mailed_code(realm, "verify"));
    for (int i = 1; i <= 3; ++i) {
        (void)verify_user(realm, user_ref(ann), wrong);
        (void)verify_user(realm, user_ref(nobody), wrong);
        realm.reopen();
        CHECK(failures(realm) == i);
        CHECK(attempts_table::find(realm.database(), address_mac(realm, nobody)).failures == i);
    }
}

TEST_CASE("a hundred wrong codes lock, however often a new one was sent") {
    TestRealm realm;
    realm.set("codes.resend_gap", "0s");
    test::add_user(realm, {ann, std::nullopt, false});
    for (int i = 0; i < 100; ++i) {
        if (i % 5 == 0)
            realm.clock.advance(3600s);
        if (i % 5 == 0)
            REQUIRE(resend_verification(realm, user_ref(ann)));
        realm.clock.advance(10s);
        REQUIRE(verify_user(realm, user_ref(ann), Secret("00")).error().code ==
                ErrorCode::bad_code);
    }
    realm.clock.advance(3600s);
    REQUIRE(resend_verification(realm, user_ref(ann)));
    const auto locked = verify_user(realm, user_ref(ann), test::mailed_code(realm, "verify"));
    REQUIRE_FALSE(locked);
    CHECK(locked.error().code == ErrorCode::locked_out);
}

TEST_CASE("wrong codes wait from the sixth on, whoever they are for") {
    TestRealm realm;
    test::add_user(realm, {ann, std::nullopt, false});
    const Secret right = test::mailed_code(realm, "verify");
    for (const char* address : {ann, nobody}) {
        CAPTURE(address);
        const auto attempt = [&](std::string_view code) {
            return verify_user(realm, user_ref(address), Secret(code)).error();
        };
        for (int i = 0; i < 6; ++i)
            CHECK(attempt("00").code == ErrorCode::bad_code);
        const Error early = attempt(right.reveal());
        CHECK(early.code == ErrorCode::rate_limited);
        CHECK(early.retry_after == 3s);
        CHECK(early.message == "too many failed attempts; try again in 3s");
        // No code was asked for, which makes no difference.
        const auto other = reset_password(realm, user_ref(address), Secret(std::string_view("00")),
                                          Secret(test::other_password));
        CHECK(other.error().code == ErrorCode::rate_limited);
        CHECK(attempts_table::find(realm.database(), address_mac(realm, address)).failures == 6);
    }
}

TEST_CASE("verifying voids a password that a stranger may have chosen") {
    TestRealm realm;
    realm.realm().operated = false;
    test::add_user(realm, {ann, std::string(test::good_password), false});
    REQUIRE(verify_user(realm, user_ref(ann), test::mailed_code(realm, "verify")));
    realm.reopen();
    CHECK_FALSE(passwords_table::find(realm.database(), test::stored_user(realm).id));
    CHECK_FALSE(opens(realm, test::good_password));
}

TEST_CASE("verifying keeps a password that the operator set") {
    TestRealm realm;
    test::add_user(realm, {ann, std::string(test::good_password), false});
    REQUIRE(verify_user(realm, user_ref(ann), test::mailed_code(realm, "verify")));
    CHECK(opens(realm, test::good_password));
}

TEST_CASE("verifying ends the sessions that a stranger's password opened") {
    TestRealm realm;
    realm.set("verification.required", "false");
    realm.realm().operated = false;
    test::add_user(realm, {ann, std::string(test::good_password), false});
    const auto grant = log_in(realm, user_ref(ann), Secret(test::good_password), std::nullopt);
    REQUIRE(grant);
    REQUIRE(check_access(realm, grant->access_token.reveal(), TokenUse::act));
    REQUIRE(verify_user(realm, user_ref(ann), test::mailed_code(realm, "verify")));
    CHECK_FALSE(check_access(realm, grant->access_token.reveal(), TokenUse::act));
}

TEST_CASE("an operator verifies without a code") {
    TestRealm realm;
    test::add_user(realm, {ann, std::nullopt, false});
    const Secret code = test::mailed_code(realm, "verify");
    CHECK(verify_by_operator(realm, user_ref(ann))->changed);
    CHECK_FALSE(verify_by_operator(realm, user_ref(ann))->changed);
    CHECK(verify_by_operator(realm, user_ref(nobody)).error().code == ErrorCode::not_found);
    CHECK(test::stored_user(realm).verified_at);
    CHECK_FALSE(verify_user(realm, user_ref(ann), code));
}

TEST_CASE("requests answer alike whether or not there is anybody") {
    TestRealm realm;
    test::add_user(realm, {ann, std::nullopt, false});
    test::add_user(realm, {"off@example.org", std::nullopt, true, true});
    for (const auto request : {resend_verification, request_reset}) {
        // Each posts a mail, but that to nobody is taken back.
        for (const auto& [who, mails] :
             {std::pair(ann, 1U), {nobody, 0U}, {"off@example.org", 0U}}) {
            realm.realm().posted->clear();
            CHECK(request(realm, user_ref(who)));
            REQUIRE(realm.realm().posted->size() == 1);
            CHECK(realm.realm().posted->front().departure == Departure::unseen);
            CHECK(test::posted_mails(realm, Departure::unseen).size() == mails);
        }
        const auto known = request(realm, user_ref(ann));
        const auto unknown = request(realm, user_ref(nobody));
        REQUIRE_FALSE(known);
        REQUIRE_FALSE(unknown);
        check_same(known.error(), unknown.error());
        CHECK(known.error().code == ErrorCode::rate_limited);
        CHECK(known.error().retry_after == 60s);
    }
}

TEST_CASE("who is verified already gets no new code") {
    TestRealm realm;
    test::add_user(realm);
    REQUIRE(resend_verification(realm, user_ref(ann)));
    CHECK(test::posted_mails(realm, Departure::unseen).empty());
}

TEST_CASE("mail goes to the stored address, not to what was typed") {
    TestRealm realm;
    test::add_user(realm);
    REQUIRE(request_reset(realm, user_ref("ANN@EXAMPLE.ORG")));
    const auto mails = test::posted_mails(realm, Departure::unseen);
    REQUIRE(mails.size() == 1);
    CHECK(mails.front().to == ann);
}

TEST_CASE("a reset sets the password, verifies and ends locks and sessions") {
    TestRealm realm;
    test::add_user(realm, {ann, std::string(test::good_password), false, false, true});
    realm.set("verification.required", "false");
    for (int i = 0; i < 9; ++i) {
        (void)authenticate(realm, user_ref(ann), Secret("wrong"));
        realm.clock.advance(10s);
    }
    const Secret code = reset_code(realm);
    const std::int64_t epoch = test::stored_user(realm).session_epoch;
    const auto done = reset(realm, code);
    REQUIRE(done);
    realm.reopen();
    const User user = test::stored_user(realm);
    CHECK(user.verified_at);
    CHECK_FALSE(user.must_change_password);
    CHECK(user.session_epoch > epoch);
    CHECK(failures(realm) == 0);
    CHECK(passwords_table::find(realm.database(), user.id)->set_by == "subject");
    CHECK(realm.count("SELECT count(*) FROM codes") == 0);
    CHECK(opens(realm, test::other_password));
    CHECK_FALSE(opens(realm, test::good_password));
    CHECK_FALSE(reset(realm, code));
}

TEST_CASE("a password that policy refuses leaves the code as it was") {
    TestRealm realm;
    test::add_user(realm);
    const Secret code = reset_code(realm);
    realm.set("password.min_length", "15");
    for (int i = 0; i < 8; ++i) {
        const auto refused = reset(realm, code, "short");
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == ErrorCode::refused);
        CHECK(refused.error().reason == "weak_password");
    }
    CHECK(opens(realm, test::good_password));
    CHECK(reset(realm, code));
    CHECK(opens(realm, test::other_password));
}

TEST_CASE("a right code with a refused password is no failed attempt") {
    TestRealm realm;
    test::add_user(realm);
    const Secret code = reset_code(realm);
    realm.set("password.min_length", "15");
    for (int i = 0; i < 3; ++i)
        REQUIRE_FALSE(reset(realm, code, "short"));
    CHECK(failures(realm) == 0);
}

TEST_CASE("whether a password would do is told only to who has the code") {
    TestRealm realm;
    test::add_user(realm);
    const Secret wrong = test::wrong_code(reset_code(realm));
    realm.set("password.min_length", "15");
    CHECK(reset(realm, wrong, "short").error().code == ErrorCode::bad_code);
    CHECK(reset_password(realm, user_ref(nobody), wrong, Secret("short")).error().code ==
          ErrorCode::bad_code);
}

TEST_CASE("a disabled user's reset does not enable") {
    TestRealm realm;
    test::add_user(realm);
    const Secret code = reset_code(realm);
    {
        Transaction transaction(realm.database());
        REQUIRE(set_disabled(realm, user_ref(ann), true, ""));
        transaction.commit();
    }
    (void)reset(realm, code);
    CHECK(test::stored_user(realm).disabled_at);
    CHECK_FALSE(opens(realm, test::other_password));
}

TEST_CASE("a code is digits, and white space around them does not count") {
    CHECK(parse_code("0012345")->reveal() == "0012345");
    CHECK(parse_code(" \t0012345\r\n")->reveal() == "0012345");
    for (const char* typed :
         {"", " ", "12a4567", "12 34567", "-123456", "12345678901", "１２３４", "1234567\x01"}) {
        CAPTURE(typed);
        REQUIRE_FALSE(parse_code(typed));
        CHECK(parse_code(typed).error().code == ErrorCode::usage);
        CHECK(parse_code(typed).error().field == "code");
    }
}

TEST_CASE("the trail of a whole sign-up holds no secret") {
    TestRealm realm;
    test::add_user(realm, {ann, std::string(test::good_password), false});
    const Secret code = test::mailed_code(realm, "verify");
    (void)verify_user(realm, user_ref(ann), test::wrong_code(code));
    REQUIRE(verify_user(realm, user_ref(ann), code));
    REQUIRE(reset(realm, reset_code(realm)));
    test::list_audit(realm.database(), {}, [&](const AuditRow& row) {
        for (const std::string_view secret :
             {std::string_view(code.reveal()), test::good_password, test::other_password})
            CHECK(row.detail.find(secret) == std::string::npos);
    });
    CHECK(verify_audit(realm.database()).problem.empty());
}
