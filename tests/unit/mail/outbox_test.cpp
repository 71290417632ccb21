#include "core/accounts/notices.h"
#include "core/mail/outbox.h"
#include "support/catch.h"
#include "support/files.h"
#include "support/test_realm.h"

using namespace auth;
using test::TestRealm;

namespace {

Mail posted(TestRealm& realm, const User& user, const Letter& letter) {
    Transaction transaction(realm.database());
    Mail mail = post(realm, recipient_of(user), letter, Departure::notice);
    transaction.commit();
    return mail;
}

Letter letter(const std::string& code = "1234567") {
    return reset_letter(code, Seconds(600));
}

} // namespace

TEST_CASE("a kept mail is found whole, after a restart too") {
    TestRealm realm;
    const User user = test::add_user(realm);
    const Mail mail = posted(realm, user, letter("0000007"));
    realm.reopen();
    const auto found = find_mail(realm, mail.id);
    REQUIRE(found);
    CHECK(found->to == "ann@example.org");
    CHECK(found->user_id == user.id);
    CHECK(found->kind == "reset");
    CHECK(found->code == "0000007");
    CHECK(found->subject == "Your password reset code");
    CHECK(found->body.find("0000007") != std::string::npos);
    CHECK(found->state == MailState::kept);
    CHECK(found->created_at == realm.clock.now());
    CHECK_FALSE(find_mail(realm, "no-such-mail"));
}

TEST_CASE("a mail of an act that was undone does not exist") {
    TestRealm realm;
    const User user = test::add_user(realm);
    std::string id;
    {
        const Transaction transaction(realm.database());
        id = post(realm, recipient_of(user), letter(), Departure::notice).id;
    }
    CHECK_FALSE(find_mail(realm, id));
}

TEST_CASE("the database alone shows neither code nor address of a mail") {
    TestRealm realm;
    const User user = test::add_user(realm);
    posted(realm, user, letter("8675309"));
    realm.execute("UPDATE users SET email = 'x', email_key = 'x'");
    const std::string bytes = test::content(realm.database_path());
    CHECK(bytes.find("8675309") == std::string::npos);
    CHECK(bytes.find("ann@example.org") == std::string::npos);
}

TEST_CASE("a mail moved into another one's row does not open") {
    TestRealm realm;
    const User user = test::add_user(realm);
    const Mail first = posted(realm, user, letter());
    const Mail second = posted(realm, user, letter());
    realm.execute("UPDATE outbox SET sealed_mail ="
                  " (SELECT sealed_mail FROM outbox WHERE id = '" +
                  first.id + "') WHERE id = '" + second.id + "'");
    CHECK_THROWS_AS(find_mail(realm, second.id), Failure);
    CHECK(find_mail(realm, first.id));
}

TEST_CASE("mails are listed newest first, by user, kind and number") {
    TestRealm realm;
    const User ann = test::add_user(realm);
    const User bob = test::add_user(realm, {"bob@example.org"});
    const Mail first = posted(realm, ann, letter());
    realm.clock.advance(Seconds(1));
    const Mail second = posted(realm, bob, letter());
    realm.clock.advance(Seconds(1));
    const Mail third = posted(realm, ann, verification_letter("1234567", Seconds(600)));
    const auto ids = [&](const MailFilter& filter) {
        std::vector<std::string> found;
        for (const Mail& mail : list_mail(realm, filter))
            found.push_back(mail.id);
        return found;
    };
    using Ids = std::vector<std::string>;
    CHECK(ids({}) == Ids{third.id, second.id, first.id});
    CHECK(ids({ann.id, "", 0}) == Ids{third.id, first.id});
    CHECK(ids({ann.id, "reset", 0}) == Ids{first.id});
    CHECK(ids({"", "", 1}) == Ids{third.id});
}

TEST_CASE("of mails posted in one second the last is the newest") {
    TestRealm realm;
    const User user = test::add_user(realm);
    for (int i = 0; i < 20; ++i) {
        const Mail last = posted(realm, user, letter(std::to_string(1000 + i)));
        CHECK(list_mail(realm, {user.id, "", 1}).front().code == last.code);
    }
}

TEST_CASE("purging removes what is older and says so") {
    TestRealm realm;
    const User user = test::add_user(realm);
    const Mail old = posted(realm, user, letter());
    realm.clock.advance(Seconds(10));
    const Mail young = posted(realm, user, letter());
    {
        Transaction transaction(realm.database());
        CHECK(purge_mail(realm, {realm.clock.now()}) == 1);
        transaction.commit();
    }
    realm.reopen();
    CHECK_FALSE(find_mail(realm, old.id));
    CHECK(find_mail(realm, young.id));
    CHECK(realm.events().back() == "outbox_purged");
    const std::size_t rows = realm.events().size();
    Transaction transaction(realm.database());
    CHECK(purge_mail(realm, {realm.clock.now()}) == 0);
    CHECK(realm.events().size() == rows);
}

TEST_CASE("a user's mails go with the user") {
    TestRealm realm;
    const User user = test::add_user(realm);
    const Mail mail = posted(realm, user, letter());
    {
        Transaction transaction(realm.database());
        REQUIRE(delete_user(realm, test::user_ref("ann@example.org")));
        transaction.commit();
    }
    CHECK_FALSE(find_mail(realm, mail.id));
}

TEST_CASE("purging spares what is still worth sending, where that is wanted") {
    TestRealm realm;
    const User user = test::add_user(realm);
    const Mail dead = posted(realm, user, letter());
    const Mail notice = posted(realm, user, password_changed_letter());
    realm.clock.advance(Seconds(600));
    Transaction transaction(realm.database());
    CHECK(purge_mail(realm, {realm.clock.now(), true}) == 1);
    CHECK_FALSE(find_mail(realm, dead.id));
    CHECK(find_mail(realm, notice.id));
    CHECK(purge_mail(realm, {realm.clock.now(), false}) == 1);
}
