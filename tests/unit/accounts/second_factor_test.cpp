#include "core/accounts/attempts_table.h"
#include "core/accounts/enrolment.h"
#include "core/accounts/lockout.h"
#include "core/accounts/passwords_table.h"
#include "core/accounts/totp_secret.h"
#include "core/accounts/verification.h"
#include "core/mail/outbox.h"
#include "core/sessions/session.h"
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

FactorAnswer app_code(const Secret& code) {
    return {FactorAnswer::Kind::totp, code.copy()};
}

AskFactor saying(FactorAnswer::Kind kind, std::string_view text) {
    return [kind, said = std::string(text)]() -> Result<FactorAnswer> {
        return FactorAnswer{kind, Secret(said)};
    };
}

// A user with a confirmed app, half a minute ago, so that its next code is fresh.
struct WithFactor : TestRealm {
    explicit WithFactor(test::RealmKind kind = test::RealmKind::test) : TestRealm(kind) {
        test::add_user(realm());
        clock.advance(1s);
        totp = make_totp(HashFunction::sha1, 6, random);
        enrol(totp);
        confirm();
        clock.advance(30s);
    }
    Totp totp;
    std::vector<std::string> recovery_codes;

    User user() { return test::stored_user(realm()); }
    void enrol(const Totp& wanted) { REQUIRE(enroll_totp(realm(), user(), wanted, std::nullopt)); }
    void confirm() {
        auto change = confirm_totp(realm(), user(), app_code(code()), true);
        REQUIRE(change);
        recovery_codes.clear();
        for (const Secret& each : change->recovery_codes)
            recovery_codes.emplace_back(each.reveal());
    }
    Secret code(std::int64_t steps = 0) const {
        return hotp(totp, time_step(totp, clock.now()) + steps);
    }
    Result<Grant> log_in(const AskFactor& ask, std::string_view password = test::good_password) {
        return auth::log_in(realm(), user_ref(ann), Secret(password), std::nullopt, ask);
    }
    Result<Grant> log_in_by_app(std::int64_t steps = 0) {
        return log_in(saying(FactorAnswer::Kind::totp, code(steps).reveal()));
    }
    Result<Grant> log_in_by_recovery(const std::string& typed) {
        const auto parsed = parse_recovery_code(typed);
        REQUIRE(parsed);
        return log_in(saying(FactorAnswer::Kind::recovery_code, parsed->text.reveal()));
    }
    Attempts attempts() { return attempts_table::find(database(), address_mac(realm(), ann)); }
    std::string wrong() { return code().reveal() == "000000" ? "000001" : "000000"; }
    Result<Grant> fail_factor() {
        clock.advance(10s);
        return log_in(saying(FactorAnswer::Kind::totp, wrong()));
    }
};

ErrorCode code_of(const Result<Grant>& grant) {
    REQUIRE_FALSE(grant);
    return grant.error().code;
}

} // namespace

TEST_CASE("a pending secret asks for nothing, a confirmed one for its code") {
    TestRealm realm;
    const User user = test::add_user(realm);
    const Totp totp = make_totp(HashFunction::sha1, 6, realm.random);
    REQUIRE(enroll_totp(realm, user, totp, std::nullopt));
    CHECK_FALSE(test::stored_user(realm).mfa);
    CHECK(log_in(realm, user_ref(ann), Secret(test::good_password), std::nullopt));
    const auto change =
        confirm_totp(realm, user, app_code(hotp(totp, time_step(totp, realm.clock.now()))), true);
    REQUIRE(change);
    CHECK(change->user.mfa);
    CHECK(change->recovery_codes.size() == 10);
    CHECK(test::posted_mails(realm, Departure::awaited).size() == 1);
    const auto refused = log_in(realm, user_ref(ann), Secret(test::good_password), std::nullopt);
    CHECK(code_of(refused) == ErrorCode::refused);
    CHECK(refused.error().reason == "mfa_required");
    CHECK(attempts_table::find(realm.database(), address_mac(realm, ann)).failures == 0);
}

TEST_CASE("the code that confirmed does not log in as well") {
    WithFactor user;
    user.clock.advance(-30s);
    CHECK(code_of(user.log_in_by_app()) == ErrorCode::bad_code);
}

TEST_CASE("a code is good once, and none that is older") {
    WithFactor user;
    user.clock.advance(30s);
    CHECK(user.log_in_by_app());
    CHECK(user.attempts().failures == 0);
    CHECK(user.attempts().factor_failures == 0);
    CHECK(code_of(user.log_in_by_app()) == ErrorCode::bad_code);
    user.clock.advance(1s);
    CHECK(code_of(user.log_in_by_app(-1)) == ErrorCode::bad_code);
    user.clock.advance(1s);
    CHECK(user.log_in_by_app(1));
}

TEST_CASE("a clock that is set back makes no old code good") {
    WithFactor user;
    user.clock.advance(10min);
    REQUIRE(user.log_in_by_app());
    user.clock.advance(-5min);
    CHECK(code_of(user.log_in_by_app()) == ErrorCode::bad_code);
    CHECK(code_of(user.log_in_by_app(1)) == ErrorCode::rate_limited);
}

TEST_CASE("of many who use one code at once, one is let in") {
    WithFactor user;
    const Secret code = user.code();
    std::atomic<int> in = 0;
    const auto thrown = test::at_once(8, [&](unsigned i) {
        test::OtherProcess process(user, i + 1);
        const auto grant =
            auth::log_in(process.realm(), user_ref(ann), Secret(test::good_password), std::nullopt,
                         saying(FactorAnswer::Kind::totp, code.reveal()));
        in += grant.has_value();
    });
    CHECK(thrown == std::vector<std::string>());
    CHECK(in == 1);
}

TEST_CASE("a recovery code is good once, however it is written") {
    WithFactor user;
    const std::string code = user.recovery_codes.front();
    CHECK(code.size() == 19);
    std::string loud;
    for (const char c : code)
        loud += c == '-' ? ' ' : static_cast<char>(std::toupper(c));
    user.realm().posted->clear();
    REQUIRE(user.log_in_by_recovery(loud));
    const auto mails = test::posted_mails(user, Departure::awaited);
    REQUIRE(mails.size() == 1);
    CHECK(mails.front().kind == "notice");
    CHECK(code_of(user.log_in_by_recovery(code)) == ErrorCode::bad_code);
    user.clock.advance(1s);
    CHECK(user.log_in_by_recovery(user.recovery_codes.back()));
    CHECK(user.count("SELECT count(*) FROM recovery_codes") == 8);
}

TEST_CASE("the ladder is one for passwords and second factors") {
    WithFactor user;
    REQUIRE(code_of(user.log_in(saying(FactorAnswer::Kind::totp, user.wrong()))) ==
            ErrorCode::bad_code);
    const auto early = user.log_in_by_app();
    CHECK(code_of(early) == ErrorCode::rate_limited);
    CHECK(early.error().retry_after == 1s);
    for (int i = 0; i < 2; ++i)
        REQUIRE(code_of(user.fail_factor()) == ErrorCode::bad_code);
    CHECK(user.attempts().failures == 3);
    CHECK(user.log_in_by_app().error().retry_after == 3s);
    user.clock.advance(3s);
    CHECK(code_of(user.log_in({}, "wrong")) == ErrorCode::bad_credentials);
    CHECK(user.attempts().failures == 4);
}

TEST_CASE("the right password forgets no wrong codes") {
    WithFactor user;
    for (int i = 0; i < 3; ++i) {
        REQUIRE(code_of(user.fail_factor()) == ErrorCode::bad_code);
        user.clock.advance(10s);
        REQUIRE(code_of(user.log_in({})) == ErrorCode::refused);
    }
    CHECK(user.attempts().failures == 3);
    CHECK(user.attempts().factor_failures == 3);
}

TEST_CASE("a hundred wrong codes lock, and only unlock opens") {
    WithFactor user;
    user.set("lockout.waits", "false");
    for (int i = 0; i < 100; ++i)
        REQUIRE(code_of(user.fail_factor()) == ErrorCode::bad_code);
    CHECK(code_of(user.log_in_by_app()) == ErrorCode::locked_out);
    REQUIRE(request_reset(user, user_ref(ann)));
    REQUIRE(reset_password(user, user_ref(ann), test::mailed_code(user, "reset"),
                           Secret(test::good_password)));
    CHECK(code_of(user.log_in_by_app()) == ErrorCode::locked_out);
    {
        Transaction transaction(user.database());
        REQUIRE(unlock_user(user, user_ref(ann))->changed);
        transaction.commit();
    }
    CHECK(user.log_in_by_app());
}

TEST_CASE("a reset leaves the second factor where it is") {
    WithFactor user;
    REQUIRE(request_reset(user, user_ref(ann)));
    REQUIRE(reset_password(user, user_ref(ann), test::mailed_code(user, "reset"),
                           Secret(test::other_password)));
    CHECK(user.user().mfa);
    CHECK(code_of(user.log_in({}, test::other_password)) == ErrorCode::refused);
}

TEST_CASE("a factor in force stays so while the next one is pending") {
    WithFactor user;
    const Totp next = make_totp(HashFunction::sha512, 8, user.random);
    user.enrol(next);
    CHECK(user.log_in_by_app());
    user.clock.advance(60s);
    const Totp old = std::exchange(user.totp, {next.secret.copy(), next.algorithm, 8});
    const std::vector<std::string> old_codes = user.recovery_codes;
    user.confirm();
    user.clock.advance(30s);
    CHECK(user.log_in_by_app());
    CHECK(code_of(user.log_in_by_recovery(old_codes.front())) == ErrorCode::bad_code);
    user.clock.advance(30s);
    CHECK(code_of(user.log_in(saying(FactorAnswer::Kind::totp,
                                     hotp(old, time_step(old, user.clock.now())).reveal()))) ==
          ErrorCode::bad_code);
}

TEST_CASE("a wrong first code confirms nothing, and counts") {
    TestRealm realm;
    const User user = test::add_user(realm);
    const Totp totp = make_totp(HashFunction::sha1, 6, realm.random);
    REQUIRE(enroll_totp(realm, user, totp, std::nullopt));
    const Secret far = hotp(totp, time_step(totp, realm.clock.now()) + 2);
    const auto refused = confirm_totp(realm, user, app_code(far), true);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::bad_code);
    CHECK(confirm_totp(realm, user, app_code(far), true).error().code == ErrorCode::rate_limited);
    CHECK_FALSE(test::stored_user(realm).mfa);
}

TEST_CASE("without a pending secret there is nothing to confirm") {
    TestRealm realm;
    const User user = test::add_user(realm);
    const auto refused = confirm_totp(realm, user, app_code(Secret("123456")), true);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().reason == "not_enrolled");
    CHECK(renew_recovery_codes(realm, user, std::nullopt).error().reason == "not_enrolled");
    CHECK(export_totp(realm, user).error().reason == "not_enrolled");
}

TEST_CASE("disabling removes secret and recovery codes, and is no failure twice") {
    WithFactor user;
    user.realm().posted->clear();
    const auto change = disable_factor(user, user.user(), std::nullopt);
    REQUIRE(change);
    CHECK(change->changed);
    CHECK(test::posted_mails(user, Departure::awaited).size() == 1);
    CHECK_FALSE(change->user.mfa);
    CHECK(user.count("SELECT count(*) FROM totp") == 0);
    CHECK(user.count("SELECT count(*) FROM recovery_codes") == 0);
    CHECK(user.log_in({}));
    const auto again = disable_factor(user, user.user(), std::nullopt);
    REQUIRE(again);
    CHECK_FALSE(again->changed);
    CHECK(test::posted_mails(user, Departure::awaited).size() == 1);
}

TEST_CASE("who must have a factor is a setting, and a subject cannot do without one") {
    WithFactor user;
    CHECK_FALSE(factor_required(user.settings, user.user()));
    user.set("mfa.required", "all");
    CHECK(factor_required(user.settings, user.user()));
    const auto proof =
        prove_holder(user, user.user(), saying(FactorAnswer::Kind::totp, user.code().reveal()));
    REQUIRE(proof);
    ActorProof actor;
    actor.emplace(SubjectProof{std::nullopt, proof->factor});
    CHECK(disable_factor(user, user.user(), actor).error().reason == "mfa_enrolment_required");
    REQUIRE(disable_factor(user, user.user(), std::nullopt));
    const auto refused = user.log_in({});
    CHECK(code_of(refused) == ErrorCode::refused);
    CHECK(refused.error().reason == "mfa_enrolment_required");
    CHECK(code_of(user.log_in({}, "wrong")) == ErrorCode::bad_credentials);
    user.set("mfa.required", "role:admin");
    user.clock.advance(1s);
    CHECK(user.log_in({}));
    User admin = user.user();
    admin.roles = {"admin", "tester"};
    CHECK(factor_required(user.settings, admin));
}

TEST_CASE("a password may be shorter beside a second factor, and must be longer without one") {
    WithFactor user(test::RealmKind::normal);
    const std::string_view brief = "vK9#qm2xT!";
    REQUIRE(set_password(user, user_ref(ann), Secret(brief), false));
    CHECK(set_password(user, user_ref(ann), Secret("vK9#qm2"), false).error().reason ==
          "weak_password");
    const auto change = disable_factor(user, user.user(), std::nullopt);
    REQUIRE(change);
    CHECK(change->user.must_change_password);
    CHECK(set_password(user, user_ref(ann), Secret(brief), false).error().reason ==
          "weak_password");
}

TEST_CASE("a password that was set before the factor stays good without it") {
    WithFactor user(test::RealmKind::normal);
    const auto change = disable_factor(user, user.user(), std::nullopt);
    REQUIRE(change);
    CHECK_FALSE(change->user.must_change_password);
}

TEST_CASE("the rows hold neither secret nor recovery code in clear") {
    WithFactor user;
    const std::string secret(user.totp.secret.reveal());
    CHECK(user.query("SELECT sealed_secret FROM totp").find(secret) == std::string::npos);
    CHECK(user.count("SELECT count(*) FROM recovery_codes WHERE length(mac) = 32") == 10);
    CHECK(find_totp(user, user.user().id, totp_table::State::confirmed)->totp.secret.reveal() ==
          secret);
}

TEST_CASE("a sealed secret opens for its own user only") {
    WithFactor user;
    const User bob = test::add_user(user, {"bob@example.org"});
    user.execute("UPDATE totp SET user_id = '" + bob.id + "'");
    CHECK_THROWS_AS(find_totp(user, bob.id, totp_table::State::confirmed), Failure);
}

TEST_CASE("what cannot be a code is refused before it counts") {
    CHECK(parse_totp_code(" 123 456\n")->text.reveal() == "123456");
    CHECK(parse_totp_code("12345678")->text.reveal() == "12345678");
    for (const char* typed : {"", "12345", "1234567", "12345a", "123456789"}) {
        REQUIRE_FALSE(parse_totp_code(typed));
        CHECK(parse_totp_code(typed).error().field == "totp");
    }
    CHECK(parse_recovery_code("ABCD-efgh ijkl-mn27")->text.reveal() == "abcdefghijklmn27");
    for (const char* typed : {"", "abcd-efgh-ijkl", "abcd-efgh-ijkl-mn01", "123456"}) {
        REQUIRE_FALSE(parse_recovery_code(typed));
        CHECK(parse_recovery_code(typed).error().field == "recovery_code");
    }
}
