#include "core/codes/code.h"
#include "core/codes/codes_table.h"
#include "support/catch.h"
#include "support/test_realm.h"

#include <array>
#include <cstdlib>
#include <set>

using namespace auth;
using namespace std::chrono_literals;
using test::TestRealm;

namespace {

constexpr Time issued{Seconds{1'769'850'300}};
constexpr auto verify = CodePurpose::verify;
constexpr auto reset = CodePurpose::reset;

StoredCode code_with(std::int64_t tries) {
    return {std::string(32, 'm'), tries, issued, issued + 600s};
}
const std::string right_mac(32, 'm');
const std::string wrong_mac(32, 'n');

Secret issue(TestRealm& realm, std::string_view user_id, CodePurpose purpose) {
    Transaction transaction(realm.database());
    Secret code = issue_code(realm, user_id, purpose);
    transaction.commit();
    return code;
}

// The code with one more try against it.
std::optional<StoredCode> counted(TestRealm& realm, std::string_view user_id, CodePurpose purpose) {
    auto code = find_code(realm, user_id, purpose);
    if (code)
        count_try(realm, user_id, purpose, *code);
    return code;
}

CodeVerdict offer(TestRealm& realm, std::string_view user_id, CodePurpose purpose,
                  const Secret& typed) {
    const auto code = counted(realm, user_id, purpose);
    return code ? judge(*code, code_mac(realm, user_id, purpose, typed.reveal()), 5,
                        realm.clock.now())
                : CodeVerdict::wrong;
}

// An address that asks for codes.
struct Asker {
    TestRealm& realm;
    std::string mac;
    CodePurpose purpose = reset;

    Status ask() const {
        Transaction transaction(realm.database());
        Status allowed = count_request(realm, mac, purpose, realm.clock.now());
        if (allowed)
            transaction.commit();
        return allowed;
    }
    // The wait in seconds, 0 where there is none.
    std::int64_t wait() const {
        const Status asked = ask();
        if (asked)
            return 0;
        CHECK(asked.error().code == ErrorCode::rate_limited);
        return asked.error().retry_after->count();
    }
};

} // namespace

TEST_CASE("a code is judged by its value, its tries and the time") {
    const auto judged = [](std::int64_t tries, const std::string& mac, Time now) {
        return judge(code_with(tries), mac, 5, now);
    };
    CHECK(judged(1, right_mac, issued) == CodeVerdict::right);
    CHECK(judged(5, right_mac, issued) == CodeVerdict::right);
    CHECK(judged(6, right_mac, issued) == CodeVerdict::wrong);
    CHECK(judged(1, wrong_mac, issued) == CodeVerdict::wrong);
    CHECK(judged(1, "", issued) == CodeVerdict::wrong);
    CHECK(judged(1, right_mac.substr(1), issued) == CodeVerdict::wrong);
    CHECK(judged(1, right_mac + "m", issued) == CodeVerdict::wrong);
}

TEST_CASE("a code lasts to the second") {
    const auto at = [](Seconds since) { return judge(code_with(1), right_mac, 5, issued + since); };
    CHECK(at(599s) == CodeVerdict::right);
    CHECK(at(600s) == CodeVerdict::expired);
    CHECK(at(601s) == CodeVerdict::expired);
    CHECK(judge(code_with(1), wrong_mac, 5, issued + 601s) == CodeVerdict::wrong);
    CHECK(judge(code_with(6), right_mac, 5, issued + 601s) == CodeVerdict::wrong);
}

TEST_CASE("a clock set back does not prolong a code") {
    CHECK(judge(code_with(1), right_mac, 5, issued - 1s) == CodeVerdict::expired);
}

TEST_CASE("codes have as many digits as set, leading zeros kept") {
    TestRealm realm;
    const User user = test::add_user(realm);
    for (std::size_t digits = 4; digits <= 10; ++digits) {
        CAPTURE(digits);
        realm.set("codes.digits", std::to_string(digits));
        const Secret code = issue(realm, user.id, verify);
        CHECK(code.size() == digits);
        CHECK(code.reveal().find_first_not_of("0123456789") == std::string_view::npos);
    }
}

TEST_CASE("every digit is as likely as any other, the first included") {
    TestRealm realm;
    realm.set("codes.digits", "4");
    const User user = test::add_user(realm);
    std::array<int, 10> firsts{};
    std::array<int, 10> lasts{};
    Transaction transaction(realm.database());
    for (int i = 0; i < 2000; ++i) {
        const Secret code = issue_code(realm, user.id, verify);
        ++firsts.at(static_cast<std::size_t>(code.reveal().front() - '0'));
        ++lasts.at(static_cast<std::size_t>(code.reveal().back() - '0'));
    }
    // 200 each, standard deviation 13.4: five of them either way.
    for (std::size_t digit = 0; digit < 10; ++digit) {
        CAPTURE(digit);
        CHECK(std::abs(firsts.at(digit) - 200) < 67);
        CHECK(std::abs(lasts.at(digit) - 200) < 67);
    }
}

TEST_CASE("codes do not repeat") {
    TestRealm realm;
    realm.set("codes.digits", "10");
    const User user = test::add_user(realm);
    std::set<std::string> seen;
    Transaction transaction(realm.database());
    for (int i = 0; i < 500; ++i)
        CHECK(seen.insert(std::string(issue_code(realm, user.id, verify).reveal())).second);
}

TEST_CASE("a code is stored as a MAC bound to user and purpose") {
    TestRealm realm;
    const User ann = test::add_user(realm);
    const User bob = test::add_user(realm, {"bob@example.org"});
    const Secret code = issue(realm, ann.id, verify);
    const auto stored = codes_table::find(realm.database(), ann.id, "verify");
    REQUIRE(stored);
    CHECK(stored->mac == code_mac(realm, ann.id, verify, code.reveal()));
    CHECK(stored->mac != code_mac(realm, bob.id, verify, code.reveal()));
    CHECK(stored->mac != code_mac(realm, ann.id, reset, code.reveal()));
    CHECK(stored->expires_at == realm.clock.now() + 600s);
    CHECK_FALSE(codes_table::find(realm.database(), ann.id, "reset"));
    CHECK_FALSE(codes_table::find(realm.database(), bob.id, "verify"));
}

TEST_CASE("five wrong tries burn a code") {
    TestRealm realm;
    const User user = test::add_user(realm);
    const Secret code = issue(realm, user.id, verify);
    const Secret wrong = test::wrong_code(code);
    for (int i = 0; i < 5; ++i)
        CHECK(offer(realm, user.id, verify, wrong) == CodeVerdict::wrong);
    CHECK(offer(realm, user.id, verify, code) == CodeVerdict::wrong);
}

TEST_CASE("the fifth try may still be right") {
    TestRealm realm;
    const User user = test::add_user(realm);
    const Secret code = issue(realm, user.id, verify);
    const Secret wrong = test::wrong_code(code);
    for (int i = 0; i < 4; ++i)
        CHECK(offer(realm, user.id, verify, wrong) == CodeVerdict::wrong);
    CHECK(offer(realm, user.id, verify, code) == CodeVerdict::right);
}

TEST_CASE("a new code replaces the old one and has its tries back") {
    TestRealm realm;
    const User user = test::add_user(realm);
    const Secret old = issue(realm, user.id, verify);
    for (int i = 0; i < 5; ++i)
        (void)offer(realm, user.id, verify, test::wrong_code(old));
    const Secret fresh = issue(realm, user.id, verify);
    CHECK(offer(realm, user.id, verify, old) == CodeVerdict::wrong);
    CHECK(offer(realm, user.id, verify, fresh) == CodeVerdict::right);
}

TEST_CASE("a code is used once") {
    TestRealm realm;
    const User user = test::add_user(realm);
    issue(realm, user.id, verify);
    const auto code = counted(realm, user.id, verify);
    REQUIRE(code);
    CHECK(consume_code(realm, user.id, verify, *code));
    CHECK_FALSE(consume_code(realm, user.id, verify, *code));
    CHECK_FALSE(counted(realm, user.id, verify));
}

TEST_CASE("a code replaced meanwhile is not used up in the new one's place") {
    TestRealm realm;
    const User user = test::add_user(realm);
    issue(realm, user.id, verify);
    const auto old = counted(realm, user.id, verify);
    const Secret fresh = issue(realm, user.id, verify);
    CHECK_FALSE(consume_code(realm, user.id, verify, *old));
    CHECK(offer(realm, user.id, verify, fresh) == CodeVerdict::right);
}

TEST_CASE("a try can be given back") {
    TestRealm realm;
    const User user = test::add_user(realm);
    issue(realm, user.id, reset);
    for (int i = 0; i < 10; ++i) {
        CHECK(counted(realm, user.id, reset)->tries == 1);
        give_back_try(realm, user.id, reset);
    }
}

TEST_CASE("all codes of a user can be dropped") {
    TestRealm realm;
    const User user = test::add_user(realm);
    issue(realm, user.id, verify);
    issue(realm, user.id, reset);
    drop_codes(realm, user.id);
    CHECK_FALSE(counted(realm, user.id, verify));
    CHECK_FALSE(counted(realm, user.id, reset));
}

TEST_CASE("an address gets one code a minute") {
    TestRealm realm;
    const Asker asker{realm, std::string(32, 'a')};
    CHECK(asker.wait() == 0);
    CHECK(asker.wait() == 60);
    realm.clock.advance(59s);
    CHECK(asker.wait() == 1);
    realm.clock.advance(1s);
    CHECK(asker.wait() == 0);
}

TEST_CASE("an address gets five codes an hour") {
    TestRealm realm;
    const Asker asker{realm, std::string(32, 'a')};
    const Time start = realm.clock.now();
    for (int i = 0; i < 5; ++i) {
        CHECK(asker.wait() == 0);
        realm.clock.advance(60s);
    }
    CHECK(asker.wait() == 3300);
    realm.clock.set(start + 3599s);
    CHECK(asker.wait() == 1);
    realm.clock.set(start + 3600s);
    CHECK(asker.wait() == 0);
    CHECK(asker.wait() == 60);
}

TEST_CASE("a request that was refused is not counted") {
    TestRealm realm;
    const Asker asker{realm, std::string(32, 'a')};
    CHECK(asker.wait() == 0);
    for (int i = 0; i < 20; ++i)
        CHECK(asker.wait() == 60);
    realm.clock.advance(60s);
    CHECK(asker.wait() == 0);
}

TEST_CASE("addresses and purposes are limited apart") {
    TestRealm realm;
    CHECK(Asker{realm, std::string(32, 'a'), reset}.wait() == 0);
    CHECK(Asker{realm, std::string(32, 'a'), verify}.wait() == 0);
    CHECK(Asker{realm, std::string(32, 'b'), reset}.wait() == 0);
}

TEST_CASE("a database sends thirty mails a minute") {
    TestRealm realm;
    for (char c = 0; c < 30; ++c)
        CHECK(Asker{realm, std::string(32, c)}.wait() == 0);
    CHECK(Asker{realm, std::string(32, 'x')}.wait() > 0);
    realm.clock.advance(60s);
    CHECK(Asker{realm, std::string(32, 'x')}.wait() == 0);
}

TEST_CASE("a clock set back lets nobody ask sooner") {
    TestRealm realm;
    const Asker asker{realm, std::string(32, 'a')};
    CHECK(asker.wait() == 0);
    realm.clock.advance(-1800s);
    CHECK(asker.wait() == 1860);
}
