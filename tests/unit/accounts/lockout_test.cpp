#include "core/accounts/attempts_table.h"
#include "core/accounts/lockout.h"
#include "support/at_once.h"
#include "support/catch.h"
#include "support/test_realm.h"

#include <atomic>
#include <vector>

using namespace auth;
using namespace std::chrono_literals;
using test::TestRealm;

namespace {

// One address and its attempts.
struct Ladder : TestRealm {
    std::string address = address_mac(realm(), "ann@example.org");
    std::string user_id = "ann's id";

    // A wrong password, once it may be tried.
    void fail_once() {
        REQUIRE(count_password_attempt(realm(), address));
        Transaction transaction(database());
        confirm_failure(realm(), address);
        transaction.commit();
    }
    Seconds wait() {
        const Attempts attempts = attempts_table::find(database(), address);
        return std::max(Seconds(0), attempts.blocked_until - clock.now());
    }
    std::int64_t failures() { return attempts_table::find(database(), address).failures; }
    Status try_code() {
        Transaction transaction(database());
        Status counted = count_code_attempt(realm(), address, user_id);
        if (counted)
            transaction.commit();
        return counted;
    }
    // A wrong code, once it may be tried.
    void fail_code() {
        clock.advance(wait());
        REQUIRE(try_code());
    }
    void clear() {
        Transaction transaction(database());
        clear_attempts(realm(), address);
        transaction.commit();
    }
};

} // namespace

TEST_CASE("the ladder's waits") {
    const std::pair<std::int64_t, Seconds> steps[] = {{1, 1s}, {2, 1s},  {3, 3s},   {8, 3s},
                                                      {9, 5s}, {24, 5s}, {25, 10s}, {99, 10s}};
    for (const auto& [failures, wait] : steps) {
        CAPTURE(failures);
        CHECK(wait_after(failures) == wait);
    }
    CHECK_FALSE(wait_after(100));
    CHECK_FALSE(wait_after(101));
}

TEST_CASE("failures climb the ladder up to the lock") {
    Ladder ladder;
    for (std::int64_t n = 1; n < 100; ++n) {
        CAPTURE(n);
        ladder.fail_once();
        CHECK(ladder.failures() == n);
        REQUIRE(ladder.wait() == *wait_after(n));
        ladder.clock.advance(ladder.wait());
    }
    ladder.fail_once();
    const Status locked = count_password_attempt(ladder, ladder.address);
    REQUIRE_FALSE(locked);
    CHECK(locked.error().code == ErrorCode::locked_out);
    CHECK_FALSE(locked.error().retry_after);
    ladder.clock.advance(std::chrono::days(365 * 100));
    CHECK(count_password_attempt(ladder, ladder.address).error().code == ErrorCode::locked_out);
    CHECK(ladder.failures() == 100);
}

TEST_CASE("an attempt too early is refused with the wait, and not counted") {
    Ladder ladder;
    for (int i = 0; i < 3; ++i) {
        ladder.clock.advance(ladder.wait());
        ladder.fail_once();
    }
    for (int i = 0; i < 5; ++i) {
        const Status early = count_password_attempt(ladder, ladder.address);
        REQUIRE_FALSE(early);
        CHECK(early.error().code == ErrorCode::rate_limited);
        CHECK(early.error().retry_after == 3s);
    }
    ladder.clock.advance(2s);
    CHECK(count_password_attempt(ladder, ladder.address).error().retry_after == 1s);
    CHECK(ladder.failures() == 3);
    ladder.clock.advance(1s);
    CHECK(count_password_attempt(ladder, ladder.address));
}

TEST_CASE("an attempt is counted before it is known to be wrong, and survives a crash") {
    Ladder ladder;
    REQUIRE(count_password_attempt(ladder, ladder.address));
    ladder.reopen();
    CHECK(ladder.failures() == 1);
    CHECK(ladder.wait() == 0s);
    CHECK(ladder.events().back() == "authn_login_attempt");
}

TEST_CASE("an attempt that nobody answers has failed once its comparison would be over") {
    Ladder ladder;
    for (std::int64_t n = 1; n <= 9; ++n) {
        CAPTURE(n);
        ladder.clock.advance(ladder.wait());
        REQUIRE(count_password_attempt(ladder, ladder.address));
        const Attempts open = attempts_table::find(ladder.database(), ladder.address);
        CHECK(open.failures == n);
        CHECK(open.open_until > ladder.clock.now());
        CHECK(blocked_until(open, open.open_until) == open.open_until + *wait_after(n));
        // The next one waits until then, and is refused.
        const Status next = count_password_attempt(ladder, ladder.address);
        REQUIRE_FALSE(next);
        CHECK(next.error().code == ErrorCode::rate_limited);
        CHECK(ladder.clock.now() >= open.open_until);
        CHECK(ladder.failures() == n);
        CHECK(ladder.events().back() == "authn_login_fail");
        CHECK(attempts_table::find(ladder.database(), ladder.address).open_until == Time{});
    }
    CHECK(ladder.count("SELECT count(*) FROM audit WHERE event = 'authn_login_attempt'") == 9);
    CHECK(ladder.count("SELECT count(*) FROM audit WHERE event = 'authn_login_fail'") == 9);
    CHECK(verify_audit(ladder.database()).problem.empty());
}

TEST_CASE("an answer lets the next attempt through, and a right one that goes on does so too") {
    Ladder ladder;
    REQUIRE(count_password_attempt(ladder, ladder.address));
    forgive(ladder, ladder.address);
    CHECK(ladder.failures() == 0);
    const Time now = ladder.clock.now();
    REQUIRE(count_password_attempt(ladder, ladder.address));
    close_attempt(ladder, ladder.address);
    REQUIRE(count_password_attempt(ladder, ladder.address));
    CHECK(ladder.failures() == 2);
    CHECK(ladder.clock.now() == now);
}

TEST_CASE("a clock set back while an attempt is open shortens nothing, and hangs nobody") {
    Ladder ladder;
    REQUIRE(count_password_attempt(ladder, ladder.address));
    const Time end = attempts_table::find(ladder.database(), ladder.address).open_until;
    ladder.clock.advance(-3600s);
    const Status next = count_password_attempt(ladder, ladder.address);
    REQUIRE_FALSE(next);
    CHECK(attempts_table::find(ladder.database(), ladder.address).blocked_until == end + 1s);
}

TEST_CASE("an open attempt of a second factor fails as one of a password does") {
    Ladder ladder;
    REQUIRE(count_password_attempt(ladder, ladder.address));
    close_attempt(ladder, ladder.address);
    {
        Transaction transaction(ladder.database());
        REQUIRE(count_factor_attempt(ladder, ladder.address));
        transaction.commit();
    }
    CHECK(count_password_attempt(ladder, ladder.address).error().code == ErrorCode::rate_limited);
    CHECK(ladder.failures() == 1);
}

TEST_CASE("a clock set back makes no wait shorter") {
    Ladder ladder;
    for (int i = 0; i < 9; ++i) {
        ladder.clock.advance(ladder.wait());
        ladder.fail_once();
    }
    ladder.clock.advance(-3600s);
    CHECK(count_password_attempt(ladder, ladder.address).error().retry_after == 3605s);
    // Nor does a failure that was on its way when the clock was set back.
    {
        Transaction transaction(ladder.database());
        confirm_failure(ladder, ladder.address);
        transaction.commit();
    }
    CHECK(ladder.wait() == 3605s);
}

TEST_CASE("success forgets everything") {
    Ladder ladder;
    for (int i = 0; i < 9; ++i) {
        ladder.clock.advance(ladder.wait());
        ladder.fail_once();
    }
    ladder.clear();
    CHECK(ladder.failures() == 0);
    CHECK(count_password_attempt(ladder, ladder.address));
}

TEST_CASE("the first wrong codes need no wait, all others climb the ladder") {
    Ladder ladder;
    for (std::int64_t n = 1; n < 100; ++n) {
        CAPTURE(n);
        ladder.fail_code();
        CHECK(ladder.failures() == n);
        REQUIRE(ladder.wait() == (n <= 5 ? 0s : *wait_after(n)));
    }
    const Status early = ladder.try_code();
    REQUIRE_FALSE(early);
    CHECK(early.error().code == ErrorCode::rate_limited);
    CHECK(early.error().retry_after == 10s);
    CHECK(count_password_attempt(ladder, ladder.address).error().retry_after == 10s);
    CHECK(ladder.failures() == 99);
}

TEST_CASE("a hundred wrong codes lock, whatever their codes were") {
    Ladder ladder;
    const Time start = ladder.clock.now();
    for (int i = 0; i < 100; ++i)
        ladder.fail_code();
    CHECK(ladder.clock.now() - start > 13min);
    const Status locked = ladder.try_code();
    REQUIRE_FALSE(locked);
    CHECK(locked.error().code == ErrorCode::locked_out);
    CHECK(locked.error().hint == Hint("ask an operator to run", NextStep{"unlock", {"EMAIL"}}));
    CHECK(count_password_attempt(ladder, ladder.address).error().code == ErrorCode::locked_out);
    CHECK(ladder.events().back() == "authn_login_lock");
    CHECK(ladder.count("SELECT count(*) FROM audit WHERE event = 'authn_login_lock'"
                       " AND target = 'ann''s id'") == 1);
    ladder.clear();
    CHECK(ladder.try_code());
}

TEST_CASE("a right password forgets no wrong codes, which lock at a hundred all the same") {
    Ladder ladder;
    for (int i = 0; i < 100; ++i) {
        if (i == 50)
            forgive(ladder, ladder.address);
        ladder.fail_code();
    }
    CHECK(ladder.try_code().error().code == ErrorCode::locked_out);
    CHECK(ladder.events().back() == "authn_login_lock");
    ladder.clock.advance(ladder.wait());
    CHECK(count_password_attempt(ladder, ladder.address));
}

TEST_CASE("wrong passwords keep nobody from a reset") {
    Ladder ladder;
    for (int i = 0; i < 9; ++i) {
        ladder.clock.advance(ladder.wait());
        ladder.fail_once();
    }
    CHECK(ladder.wait() == 5s);
    for (int i = 0; i < 5; ++i)
        CHECK(ladder.try_code());
    CHECK(ladder.try_code().error().retry_after == 5s);
    // Codes that are tried side by side wait as well: the wait is there before the comparison.
    ladder.clock.advance(ladder.wait());
    CHECK(ladder.try_code());
    CHECK(ladder.try_code().error().code == ErrorCode::rate_limited);
    // Nor does the lock, but for what wrong codes cost themselves.
    for (int i = 0; i < 85; ++i) {
        ladder.clock.advance(ladder.wait());
        ladder.fail_once();
    }
    CHECK(count_password_attempt(ladder, ladder.address).error().code == ErrorCode::locked_out);
    CHECK(ladder.try_code());
}

TEST_CASE("without waits only the lock is left of the ladder") {
    Ladder ladder;
    ladder.set("lockout.waits", "false");
    for (int i = 0; i < 100; ++i)
        ladder.fail_code();
    CHECK(ladder.try_code().error().code == ErrorCode::locked_out);
    CHECK(ladder.clock.now() == test::FixedClock().now());
}

TEST_CASE("codes and passwords share one ladder") {
    Ladder ladder;
    for (int i = 0; i < 8; ++i)
        ladder.fail_code();
    ladder.clock.advance(ladder.wait());
    ladder.fail_once();
    CHECK(ladder.failures() == 9);
    CHECK(ladder.wait() == 5s);
}

TEST_CASE("of many attempts at once each is counted, and a hundred go through") {
    Ladder ladder;
    ladder.set("lockout.waits", "false");
    std::atomic<int> compared = 0;
    std::atomic<int> locked = 0;
    const auto thrown = test::at_once(6, [&](unsigned i) {
        test::OtherProcess process(ladder, i);
        for (int j = 0; j < 20; ++j) {
            const Status counted = count_password_attempt(process.realm(), ladder.address);
            if (counted)
                ++compared;
            else if (counted.error().code == ErrorCode::locked_out)
                ++locked;
        }
    });
    CHECK(thrown == std::vector<std::string>());
    CHECK(compared == 100);
    CHECK(locked == 20);
    CHECK(ladder.failures() == 100);
}

TEST_CASE("an address has one identity, known or not") {
    TestRealm realm;
    const User ann = test::add_user(realm, {"ann@example.org"});
    const std::string by_email = address_mac(realm, ann.email_key);
    CHECK(address_mac(realm, test::user_ref("ANN@Example.org"), ann) == by_email);
    CHECK(address_mac(realm, test::user_ref("ANN@Example.org"), std::nullopt) == by_email);
    CHECK(address_mac(realm, test::user_ref("id:" + ann.id), ann) == by_email);
    CHECK(address_mac(realm, test::user_ref("@nobody"), std::nullopt) != by_email);
    CHECK(by_email.size() == 32);
}

TEST_CASE("who must wait is told until when") {
    Ladder ladder;
    CHECK_FALSE(locked_until(ladder, "ann@example.org"));
    ladder.fail_once();
    CHECK(locked_until(ladder, "ann@example.org") == ladder.clock.now() + 1s);
    CHECK_FALSE(locked_until(ladder, "bob@example.org"));
    const std::string_view page[] = {"bob@example.org", "ann@example.org", "cyd@example.org"};
    CHECK(locked_until(ladder, page) ==
          std::vector<std::optional<Time>>{std::nullopt, ladder.clock.now() + 1s, std::nullopt});
    ladder.clock.advance(1s);
    CHECK_FALSE(locked_until(ladder, "ann@example.org"));
    CHECK(locked_until(ladder, page) == std::vector<std::optional<Time>>(3));
}

TEST_CASE("each counted attempt is answered once, and is of the user who had the address") {
    const bool waits = GENERATE(true, false);
    Ladder ladder;
    ladder.set("lockout.waits", waits ? "true" : "false");
    const auto now = [&] { return attempts_table::find(ladder.database(), ladder.address); };
    REQUIRE(count_password_attempt(ladder, ladder.address, ladder.user_id));
    CHECK(now().unanswered == 1);
    CHECK(now().user_id == ladder.user_id);
    SECTION("as wrong") {
        {
            Transaction transaction(ladder.database());
            confirm_failure(ladder, ladder.address);
            transaction.commit();
        }
        CHECK(now().unanswered == 0);
        CHECK(now().failures == 1);
    }
    SECTION("as not made") {
        give_back_attempt(ladder, ladder.address);
        CHECK(now().unanswered == 0);
        CHECK(now().failures == 0);
    }
    SECTION("as right") {
        REQUIRE(ladder.try_code());
        ladder.clear();
        CHECK(now().unanswered == 0);
    }
    SECTION("as right up to the second factor") {
        close_attempt(ladder, ladder.address);
        CHECK(now().unanswered == 1);
    }
    SECTION("by nobody in time") {
        ladder.clock.advance(10min);
        REQUIRE(count_password_attempt(ladder, ladder.address, ladder.user_id));
        CHECK(now().unanswered == (waits ? 1 : 2));
    }
}

TEST_CASE("an address that its user leaves keeps its counts") {
    Ladder ladder;
    REQUIRE(count_password_attempt(ladder, ladder.address, ladder.user_id));
    release_attempts(ladder, "ann@example.org");
    const Attempts left = attempts_table::find(ladder.database(), ladder.address);
    CHECK(left.user_id.empty());
    CHECK(left.failures == 1);
}
