#include "core/accounts/attempts_table.h"
#include "core/accounts/enrolment.h"
#include "core/accounts/lockout.h"
#include "core/accounts/verification.h"
#include "core/codes/login_link.h"
#include "core/mail/outbox.h"
#include "core/sessions/access.h"
#include "core/sessions/link_login.h"
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

Secret mailed_link(Realm& realm) {
    REQUIRE(request_link(realm, user_ref(ann)));
    return Secret(test::posted_mails(realm, Departure::unseen).back().link);
}

struct WithLink : TestRealm {
    explicit WithLink(const test::SomeUser& who = {}) {
        test::add_user(realm(), who);
        token = mailed_link(realm());
    }
    Secret token;

    Result<Grant> follow(const AskFactor& ask = {},
                         const std::optional<UserRef>& whose = std::nullopt) {
        return log_in_by_link(realm(), token, whose, std::nullopt, ask);
    }
    User user() { return test::stored_user(realm()); }
    bool stands() { return find_link(realm(), token).has_value(); }
};

} // namespace

TEST_CASE("a link opens a session, once") {
    WithLink link;
    const auto grant = link.follow();
    REQUIRE(grant);
    CHECK(grant->user.email == ann);
    CHECK(check_access(link, grant->access_token.reveal(), TokenUse::act));
    const auto again = link.follow();
    REQUIRE_FALSE(again);
    CHECK(again.error().code == ErrorCode::bad_code);
}

TEST_CASE("a link of somebody without a password logs in too") {
    WithLink link({ann, std::nullopt});
    CHECK(link.follow());
}

TEST_CASE("a link that is too old says so, and one that was replaced is wrong") {
    WithLink link;
    link.clock.advance(10min);
    CHECK(link.follow().error().code == ErrorCode::expired);
    REQUIRE(request_link(link, user_ref(ann)));
    CHECK(link.follow().error().code == ErrorCode::bad_code);
}

TEST_CASE("a link is for its user alone") {
    WithLink link;
    test::add_user(link, {"bob@example.org"});
    CHECK(link.follow({}, user_ref("bob@example.org")).error().code == ErrorCode::bad_code);
    CHECK(link.follow({}, user_ref("nobody@example.org")).error().code == ErrorCode::bad_code);
    CHECK(link.follow({}, user_ref(ann)));
}

TEST_CASE("a link verifies the address, and voids a password that nobody vouched for") {
    TestRealm realm;
    realm.realm().operated = false;
    test::add_user(realm, {ann, std::string(test::good_password), false});
    const auto grant = log_in_by_link(realm, mailed_link(realm), std::nullopt, std::nullopt, {});
    REQUIRE(grant);
    CHECK(test::stored_user(realm).verified_at);
    CHECK_FALSE(has_password(realm, grant->user));
    CHECK(check_access(realm, grant->access_token.reveal(), TokenUse::act));
}

TEST_CASE("a password that somebody vouched for outlives the link") {
    WithLink link({ann, std::string(test::good_password), false});
    REQUIRE(link.follow());
    CHECK(has_password(link, link.user()));
}

TEST_CASE("a link is refused, and stays, where its user may not log in") {
    WithLink link;
    SECTION("locked") {
        link.set("lockout.waits", "false");
        for (int i = 0; i < 100; ++i)
            (void)log_in(link, user_ref(ann), Secret("wrong"), std::nullopt);
        CHECK(link.follow().error().code == ErrorCode::locked_out);
    }
    SECTION("to change the password first") {
        User user = link.user();
        UserChange change;
        change.must_change_password = true;
        REQUIRE(update_user(link, user_ref(ann), change));
        CHECK(link.follow().error().reason == "must_change_password");
    }
    SECTION("to enrol first") {
        link.set("mfa.required", "all");
        CHECK(link.follow().error().reason == "mfa_enrolment_required");
    }
    CHECK(link.stands());
}

TEST_CASE("a link asks for the second factor, and stays until it was proved") {
    WithLink link;
    const Totp totp = make_totp(HashFunction::sha1, 6, link.random);
    REQUIRE(adopt_totp(link, link.user(), totp));
    const auto saying = [](std::string_view code) -> AskFactor {
        return [said = std::string(code)]() -> Result<FactorAnswer> {
            return FactorAnswer{FactorAnswer::Kind::totp, Secret(said)};
        };
    };
    CHECK(link.follow().error().reason == "mfa_required");
    const Secret right = hotp(totp, time_step(totp, link.clock.now()));
    CHECK(link.follow(saying(right.reveal() == "000000" ? "000001" : "000000")).error().code ==
          ErrorCode::bad_code);
    CHECK(link.stands());
    CHECK(link.follow(saying(right.reveal())).error().code == ErrorCode::rate_limited);
    link.clock.advance(1s);
    CHECK(link.follow(saying(right.reveal())));
    CHECK_FALSE(link.stands());
}

TEST_CASE("of many who follow one link at once, one is let in") {
    WithLink link;
    std::atomic<int> in = 0;
    const auto thrown = test::at_once(8, [&](unsigned i) {
        test::OtherProcess process(link, i + 1);
        in +=
            log_in_by_link(process.realm(), link.token, std::nullopt, std::nullopt, {}).has_value();
    });
    CHECK(thrown == std::vector<std::string>());
    CHECK(in == 1);
}
