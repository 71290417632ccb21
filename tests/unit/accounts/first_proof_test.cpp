#include "core/accounts/attempts_table.h"
#include "core/accounts/enrolment.h"
#include "core/accounts/first_proof.h"
#include "core/accounts/lockout.h"
#include "core/accounts/passwords_table.h"
#include "core/accounts/recovery_codes_table.h"
#include "core/accounts/totp_secret.h"
#include "core/accounts/verification.h"
#include "core/federation/federated_login.h"
#include "core/mail/outbox.h"
#include "core/sessions/access.h"
#include "core/sessions/change_password.h"
#include "core/sessions/link_login.h"
#include "support/catch.h"
#include "support/test_realm.h"

using namespace auth;
using namespace std::chrono_literals;
using test::ann;
using test::TestRealm;
using test::user_ref;

namespace {

// Somebody signed up with ann's address, which nobody has proved, and logs in all the same.
struct SignedUp : TestRealm {
    explicit SignedUp(bool operated = false) {
        set("verification.required", "false");
        set("codes.resend_gap", "0s");
        realm().operated = operated;
        test::add_user(realm(), {ann, std::string(test::good_password), false});
        realm().operated = false;
    }
    std::string password{test::good_password};
    Totp totp;
    std::vector<Secret> recovery_codes;

    User user() { return test::stored_user(realm()); }
    Result<Grant> log_in(std::string_view with, const AskFactor& ask = {}) {
        clock.advance(10s);
        return auth::log_in(realm(), user_ref(ann), Secret(with), std::nullopt, ask);
    }
    bool opens(std::string_view with) { return log_in(with).has_value(); }
    bool acts(const Grant& grant) {
        return check_access(realm(), grant.access_token.reveal(), TokenUse::act).has_value();
    }
    void change_password(std::string_view to) {
        REQUIRE(set_own_password(realm(), user_ref(ann), Secret(password), Secret(to), app()));
        password = to;
    }
    std::string set_by() { return passwords_table::find(database(), user().id)->set_by; }

    Secret code() const { return hotp(totp, time_step(totp, clock.now())); }
    // The app's next code, which was not used yet.
    AskFactor app() {
        if (totp.secret.empty())
            return {};
        clock.advance(30s);
        return [this]() -> Result<FactorAnswer> {
            return FactorAnswer{FactorAnswer::Kind::totp, code()};
        };
    }
    void enrol(bool by_operator = false) {
        const Totp wanted = make_totp(HashFunction::sha1, 6, random);
        ActorProof proof;
        if (!by_operator)
            proof = prove_account(realm(), user_ref(ann), Secret(password), app()).value();
        totp = {wanted.secret.copy(), wanted.algorithm, wanted.digits, wanted.period};
        REQUIRE(enroll_totp(realm(), user(), totp, proof));
        auto change =
            confirm_totp(realm(), user(), {FactorAnswer::Kind::totp, code()}, by_operator);
        REQUIRE(change);
        recovery_codes = std::move(change->recovery_codes);
        clock.advance(30s);
    }
    std::int64_t codes_left() { return recovery_codes_table::count(database(), user().id); }

    Secret mailed(std::string_view kind) {
        clock.advance(10s);
        if (kind == "verify")
            REQUIRE(resend_verification(realm(), user_ref(ann)));
        else
            REQUIRE(request_reset(realm(), user_ref(ann)));
        return test::mailed_code(realm(), kind);
    }
    Result<Verified> verify(const AskKept& ask = {}) {
        return verify_user(realm(), user_ref(ann), mailed("verify"), ask);
    }
    static AskKept typing(std::string_view password, AskFactor factor = {}) {
        AskKept ask;
        ask.password = [said = std::string(password)]() -> Result<std::optional<Secret>> {
            return said.empty() ? std::optional<Secret>() : std::optional(Secret(said));
        };
        ask.factor = std::move(factor);
        return ask;
    }
    Result<User> reset(std::string_view to) {
        return reset_password(realm(), user_ref(ann), mailed("reset"), Secret(to));
    }
    Result<Grant> follow_link(const AskFactor& ask = {}) {
        REQUIRE(request_link(realm(), user_ref(ann)));
        const Secret link(test::posted_mails(realm(), Departure::unseen).back().link);
        return log_in_by_link(realm(), link, std::nullopt, std::nullopt, ask);
    }
    Result<Grant> come_by_provider(const AskFactor& ask = {}) {
        Provider corp =
            make_provider({"corp", "https://idp.example", "client", {}, {}, {}, "", false, true},
                          clock.now())
                .value();
        const ProvedIdentity identity{"https://idp.example", "ann-1", ann, true, "Ann", ""};
        return log_in_by_provider(realm(), corp, identity, std::nullopt, std::nullopt, ask);
    }
    std::vector<std::string> notices() {
        std::vector<std::string> subjects;
        for (const Mail& mail : test::posted_mails(realm(), Departure::notice))
            subjects.push_back(mail.subject);
        return subjects;
    }
    std::string last_detail() {
        return query("SELECT detail FROM audit WHERE event = 'user_verified' ORDER BY seq DESC");
    }
};

enum class Way { code, reset, link, provider };

// Proves the address for the first time.
void prove(SignedUp& ann_s, Way way) {
    switch (way) {
    case Way::code:
        REQUIRE(ann_s.verify());
        return;
    case Way::reset:
        REQUIRE(ann_s.reset("the owner's new one"));
        return;
    case Way::link:
        REQUIRE(ann_s.follow_link());
        return;
    case Way::provider:
        REQUIRE(ann_s.come_by_provider());
        return;
    }
}

} // namespace

TEST_CASE("the first proof drops a password, however often its person changed it") {
    for (const Way way : {Way::code, Way::reset, Way::link, Way::provider}) {
        CAPTURE(static_cast<int>(way));
        SignedUp who;
        who.change_password("the second one");
        who.change_password("the third one");
        CHECK(who.set_by() == "signup");
        const auto grant = who.log_in("the third one");
        REQUIRE(grant);
        prove(who, way);
        CHECK(who.user().verified_at);
        for (const std::string_view old : {test::good_password, std::string_view("the third one")})
            CHECK_FALSE(who.opens(old));
        CHECK_FALSE(who.acts(*grant));
        CHECK(who.notices().front() == "Your address was verified");
        CHECK(who.last_detail().find(R"("password_voided":true)") != std::string::npos);
        CHECK(verify_audit(who.database()).problem.empty());
    }
}

TEST_CASE("the first proof drops an app and its recovery codes, and nobody is asked for them") {
    for (const Way way : {Way::code, Way::reset, Way::link, Way::provider}) {
        CAPTURE(static_cast<int>(way));
        SignedUp who;
        who.enrol();
        CHECK(who.user().mfa);
        CHECK(who.codes_left() == 10);
        prove(who, way);
        CHECK_FALSE(who.user().mfa);
        CHECK(who.codes_left() == 0);
        CHECK(who.last_detail().find(R"("factor_voided":true)") != std::string::npos);
    }
}

TEST_CASE("a secret that waits since before the proof cannot be confirmed after it") {
    SignedUp who;
    const Totp totp = make_totp(HashFunction::sha1, 6, who.random);
    REQUIRE(enroll_totp(who, who.user(), totp,
                        prove_account(who, user_ref(ann), Secret(who.password), {}).value()));
    REQUIRE(who.verify());
    const auto late = confirm_totp(
        who, who.user(), {FactorAnswer::Kind::totp, hotp(totp, time_step(totp, who.clock.now()))},
        false);
    REQUIRE_FALSE(late);
    CHECK(late.error().reason == "not_enrolled");
}

TEST_CASE("what an operator set up stays, but the sessions end") {
    for (const Way way : {Way::code, Way::link, Way::provider}) {
        CAPTURE(static_cast<int>(way));
        SignedUp who(true);
        const auto grant = who.log_in(test::good_password);
        REQUIRE(grant);
        prove(who, way);
        CHECK(who.opens(test::good_password));
        CHECK_FALSE(who.acts(*grant));
        CHECK(who.notices().empty());
    }
    SignedUp who(true);
    who.enrol(true);
    CHECK(who.follow_link().error().reason == "mfa_required");
    REQUIRE(who.reset("the owner's new one"));
    CHECK(who.user().mfa);
    CHECK(who.codes_left() == 10);
}

TEST_CASE("an operator's password that its person changed before the proof is the person's") {
    SignedUp who(true);
    who.change_password("the second one");
    REQUIRE(who.verify());
    CHECK_FALSE(has_password(who, who.user()));
}

TEST_CASE("recovery codes that a person renewed before the proof go, the operator's app stays") {
    SignedUp who(true);
    who.enrol(true);
    const auto proof = prove_account(who, user_ref(ann), Secret(who.password), who.app());
    REQUIRE(renew_recovery_codes(who, who.user(), proof.value()));
    REQUIRE(who.verify());
    CHECK(who.user().mfa);
    CHECK(who.codes_left() == 0);
}

TEST_CASE("what is set up after the proof outlives every later one") {
    SignedUp who;
    REQUIRE(who.reset("the owner's new one"));
    who.password = "the owner's new one";
    CHECK(who.set_by() == "subject");
    who.enrol();
    who.change_password("the owner's next one");
    CHECK(who.set_by() == "subject");
    CHECK(who.follow_link().error().reason == "mfa_required");
    CHECK(who.follow_link(who.app()));
    CHECK(who.come_by_provider(who.app()));
    CHECK(has_password(who, who.user()));
    REQUIRE(who.reset("the owner's third one"));
    CHECK(who.user().mfa);
    CHECK(who.codes_left() == 10);
    CHECK(who.log_in("the owner's third one", who.app()));
}

TEST_CASE("a password that is proved together with the code stays, with its sessions") {
    SignedUp who;
    const auto grant = who.log_in(test::good_password);
    REQUIRE(grant);
    const auto verified = who.verify(SignedUp::typing(test::good_password));
    REQUIRE(verified);
    CHECK_FALSE(verified->dropped.any());
    CHECK(who.set_by() == "subject");
    CHECK(who.acts(*grant));
    CHECK(who.opens(test::good_password));
    CHECK(who.notices().empty());
}

TEST_CASE("a person who says that there is no password of theirs drops it") {
    SignedUp who;
    const auto verified = who.verify(SignedUp::typing(""));
    REQUIRE(verified);
    CHECK(verified->dropped.password);
    CHECK_FALSE(has_password(who, who.user()));
}

TEST_CASE("a wrong password beside the right code fails, counts, and leaves the code as it was") {
    SignedUp who;
    const Secret code = who.mailed("verify");
    const std::string address = address_mac(who, ann);
    for (int i = 1; i <= 7; ++i) {
        who.clock.advance(10s);
        const auto refused = verify_user(who, user_ref(ann), code, SignedUp::typing("wrong"));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == ErrorCode::bad_credentials);
        CHECK(attempts_table::find(who.database(), address).failures == i);
        CHECK(attempts_table::find(who.database(), address).code_failures == 0);
    }
    CHECK(verify_user(who, user_ref(ann), code, SignedUp::typing("wrong")).error().code ==
          ErrorCode::rate_limited);
    CHECK_FALSE(who.user().verified_at);
    who.clock.advance(10s);
    REQUIRE(verify_user(who, user_ref(ann), code, SignedUp::typing(test::good_password)));
    CHECK(who.opens(test::good_password));
}

TEST_CASE("a password is asked for only after the right code") {
    SignedUp who;
    bool asked = false;
    AskKept ask;
    ask.password = [&]() -> Result<std::optional<Secret>> {
        asked = true;
        return std::optional<Secret>();
    };
    CHECK_FALSE(verify_user(who, user_ref(ann), test::wrong_code(who.mailed("verify")), ask));
    CHECK_FALSE(asked);
}

TEST_CASE("after many wrong codes the right one with the right password is taken at once") {
    SignedUp who;
    const Secret code = who.mailed("verify");
    for (int i = 0; i < 4; ++i)
        (void)verify_user(who, user_ref(ann), test::wrong_code(code));
    const Secret next = who.mailed("verify");
    for (int i = 0; i < 4; ++i) {
        who.clock.advance(10s);
        (void)verify_user(who, user_ref(ann), test::wrong_code(next));
    }
    who.clock.advance(10s);
    CHECK(verify_user(who, user_ref(ann), next, SignedUp::typing(test::good_password)));
}

TEST_CASE("an app stays where it is proved beside the password, and else goes with the sessions") {
    SignedUp who;
    who.enrol();
    const auto grant = who.log_in(who.password, who.app());
    REQUIRE(grant);
    SECTION("proved") {
        const auto verified = who.verify(SignedUp::typing(who.password, who.app()));
        REQUIRE(verified);
        CHECK_FALSE(verified->dropped.any());
        CHECK(who.acts(*grant));
        CHECK(who.codes_left() == 10);
        REQUIRE(who.reset("the owner's new one"));
        CHECK(who.user().mfa);
    }
    SECTION("a recovery code proves it as well") {
        const std::string typed(who.recovery_codes.front().reveal());
        const auto verified = who.verify(
            SignedUp::typing(who.password, [typed]() { return parse_recovery_code(typed); }));
        REQUIRE(verified);
        CHECK(test::posted_mails(who.realm(), Departure::awaited)
                  .back()
                  .body.find("a recovery code was used") != std::string::npos);
        CHECK(who.codes_left() == 9);
    }
    SECTION("not proved") {
        const auto verified = who.verify(SignedUp::typing(who.password));
        REQUIRE(verified);
        CHECK(verified->dropped.factor);
        CHECK_FALSE(verified->dropped.password);
        CHECK_FALSE(who.acts(*grant));
        CHECK(who.opens(who.password));
    }
    SECTION("wrong") {
        const auto refused = who.verify(SignedUp::typing(who.password, []() {
            return Result<FactorAnswer>(
                FactorAnswer{FactorAnswer::Kind::totp, Secret(std::string_view("000000"))});
        }));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == ErrorCode::bad_code);
        CHECK(who.user().mfa);
        CHECK_FALSE(who.user().verified_at);
    }
}

TEST_CASE("a login that needs a factor is refused after the proof that drops it") {
    SignedUp who;
    who.enrol();
    who.set("mfa.required", "all");
    const bool by_link = GENERATE(true, false);
    const auto refused = by_link ? who.follow_link() : who.come_by_provider();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().reason == "mfa_enrolment_required");
    CHECK(who.user().verified_at);
    CHECK_FALSE(who.user().mfa);
    CHECK(who.events().back() == "authn_login_fail");
}

TEST_CASE("a reset at the first proof asks for a password that is long enough alone") {
    SignedUp who;
    who.enrol();
    who.set("password.min_length", "15");
    who.set("password.min_length_with_mfa", "8");
    const auto refused = who.reset("nine lamps");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().reason == "weak_password");
    CHECK(who.reset("nine lamps beside the river"));
}
