#include "core/accounts/accounts.h"
#include "core/accounts/credentials.h"
#include "core/accounts/verification.h"
#include "core/codes/login_link.h"
#include "core/mail/outbox.h"
#include "support/catch.h"
#include "support/test_realm.h"

using namespace auth;
using test::ann;
using test::TestRealm;
using test::user_ref;

namespace {

Secret issued_link(TestRealm& realm, const User& user) {
    Transaction transaction(realm.database());
    Secret token = issue_link(realm, user.id);
    transaction.commit();
    return token;
}

bool consumed(TestRealm& realm, const StoredLink& link) {
    Transaction transaction(realm.database());
    const bool done = consume_link(realm, link);
    transaction.commit();
    return done;
}

} // namespace

TEST_CASE("a link is found by its token, and used up once") {
    TestRealm realm;
    const User user = test::add_user(realm);
    const Secret token = issued_link(realm, user);
    CHECK(token.size() == 43); // 256 bits
    const auto link = find_link(realm, token);
    REQUIRE(link);
    CHECK(link->user_id == user.id);
    CHECK(consumed(realm, *link));
    CHECK_FALSE(consumed(realm, *link));
    CHECK_FALSE(find_link(realm, token));
    CHECK_FALSE(find_link(realm, Secret(std::string_view("another"))));
}

TEST_CASE("a new link replaces the one before") {
    TestRealm realm;
    const User user = test::add_user(realm);
    const Secret first = issued_link(realm, user);
    const Secret second = issued_link(realm, user);
    CHECK_FALSE(find_link(realm, first));
    CHECK(find_link(realm, second));
}

TEST_CASE("a mail is dead with its link") {
    TestRealm realm;
    const User user = test::add_user(realm);
    Mail mail;
    mail.kind = "link";
    mail.user_id = user.id;
    mail.link = std::string(issued_link(realm, user).reveal());
    CHECK_FALSE(link_is_dead(realm, mail));
    const Mail replaced = mail;
    mail.link = std::string(issued_link(realm, user).reveal());
    CHECK(link_is_dead(realm, replaced));
    CHECK(consumed(realm, *find_link(realm, Secret(mail.link))));
    CHECK(link_is_dead(realm, mail));
    mail.link = std::string(issued_link(realm, user).reveal());
    realm.clock.advance(std::chrono::minutes(10));
    CHECK(link_is_dead(realm, mail));
    CHECK_FALSE(link_is_dead(realm, Mail()));
}

TEST_CASE("a link is good from its making to its end") {
    const StoredLink link{"", "", from_unix_seconds(1000), from_unix_seconds(1600)};
    CHECK(judge(link, from_unix_seconds(1000)) == CodeVerdict::right);
    CHECK(judge(link, from_unix_seconds(1599)) == CodeVerdict::right);
    CHECK(judge(link, from_unix_seconds(1600)) == CodeVerdict::expired);
    CHECK(judge(link, from_unix_seconds(999)) == CodeVerdict::expired);
}

TEST_CASE("no row holds a token") {
    TestRealm realm;
    const Secret token = issued_link(realm, test::add_user(realm));
    CHECK(realm.count("SELECT length(mac) FROM links") == 32);
    CHECK(realm.query("SELECT mac FROM links").find(token.reveal()) == std::string::npos);
}

TEST_CASE("whatever voids mailed codes voids links") {
    TestRealm realm;
    const User user = test::add_user(realm);
    const Secret token = issued_link(realm, user);
    SECTION("a new address") {
        UserChange change;
        change.email = test::email("new@example.org");
        REQUIRE(update_user(realm, user_ref(ann), change));
    }
    SECTION("a new password") {
        REQUIRE(set_password(realm, user_ref(ann), Secret(test::other_password), false));
    }
    SECTION("disabling") {
        Transaction transaction(realm.database());
        REQUIRE(set_disabled(realm, user_ref(ann), true, ""));
        transaction.commit();
    }
    CHECK_FALSE(find_link(realm, token));
}

TEST_CASE("links lead where the setting says") {
    TestRealm realm;
    const Secret token(std::string_view("TOKEN"));
    CHECK(link_url(realm.settings, token).empty());
    realm.set("links.base_url", "https://id.example.org/login");
    CHECK(link_url(realm.settings, token) == "https://id.example.org/login?token=TOKEN");
    realm.set("links.base_url", "https://id.example.org/?page=login");
    CHECK(link_url(realm.settings, token) == "https://id.example.org/?page=login&token=TOKEN");
}

TEST_CASE("a link is taken whole or as its token") {
    const std::string token(43, 'A');
    CHECK(parse_link(" " + token + "\r\n")->reveal() == token);
    CHECK(parse_link("https://id.example.org/login?token=" + token)->reveal() == token);
    for (const std::string& wrong :
         {std::string(), std::string("https://id.example.org/login"), token + "A", token + "=",
          "https://id.example.org/?token=" + token + "&more=1"}) {
        const auto refused = parse_link(wrong);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == ErrorCode::usage);
        CHECK(refused.error().field == "link");
    }
}

TEST_CASE("links are asked for under the limits of codes, by anybody alike") {
    TestRealm realm;
    test::add_user(realm);
    for (const char* who : {ann, "nobody@example.org"}) {
        CHECK(request_link(realm, user_ref(who)));
        const auto early = request_link(realm, user_ref(who));
        REQUIRE_FALSE(early);
        CHECK(early.error().code == ErrorCode::rate_limited);
        CHECK(early.error().retry_after == Seconds(60));
    }
    CHECK(list_mail(realm, {}).size() == 1);
    for (int i = 0; i < 4; ++i) {
        realm.clock.advance(Seconds(60));
        CHECK(request_link(realm, user_ref(ann)));
    }
    realm.clock.advance(Seconds(60));
    CHECK(request_link(realm, user_ref(ann)).error().code == ErrorCode::rate_limited);
}
