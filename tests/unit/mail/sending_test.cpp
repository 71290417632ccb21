#include "core/accounts/notices.h"
#include "core/mail/sending.h"
#include "support/catch.h"
#include "support/test_realm.h"

#include <functional>

using namespace auth;
using test::TestRealm;

namespace {

// Fails with the reason, unless there is none.
struct FakeMailer final : Mailer {
    std::vector<Mail> sent{};
    int asked = 0;
    std::string_view fails_with{};
    std::function<void()> meanwhile{};
    Status send(const Mail& mail) override {
        ++asked;
        if (meanwhile)
            meanwhile();
        if (!fails_with.empty())
            return fail(error(ErrorCode::delivery, "no luck").with_reason(std::string(fails_with)));
        sent.push_back(mail);
        return {};
    }
};

bool alive(const Mail&) {
    return false;
}

struct Sending : TestRealm {
    User user = test::add_user(*this);
    FakeMailer mailer;

    Mail posted(const Letter& letter = password_changed_letter()) {
        Transaction transaction(database());
        Mail mail = post(*this, recipient_of(user), letter, Departure::notice);
        transaction.commit();
        return mail;
    }
    Batch send(std::int64_t limit = 0) { return send_due(*this, mailer, limit, alive); }
    Mail stored(const Mail& mail) { return *find_mail(*this, mail.id); }
};

const Letter code_letter = reset_letter("8675309", Seconds(600));

} // namespace

TEST_CASE("a delivered mail is sent, once, and its content is erased") {
    Sending realm;
    const Mail mail = realm.posted(code_letter);
    CHECK(deliver(realm, mail.id, nullptr));
    CHECK(realm.stored(mail).state == MailState::kept);
    CHECK(deliver(realm, mail.id, &realm.mailer));
    REQUIRE(realm.mailer.sent.size() == 1);
    CHECK(realm.mailer.sent.front().code == "8675309");
    CHECK(realm.mailer.sent.front().body.find("8675309") != std::string::npos);
    realm.reopen();
    const Mail after = realm.stored(mail);
    CHECK(after.state == MailState::sent);
    CHECK(after.attempts == 1);
    CHECK(after.to == "ann@example.org");
    CHECK(after.subject == mail.subject);
    CHECK(after.code.empty());
    CHECK(after.body.empty());
    CHECK(after.html.empty());
    CHECK(deliver(realm, mail.id, &realm.mailer));
    CHECK(realm.send().attempts.empty());
    CHECK(realm.mailer.asked == 1);
}

TEST_CASE("a dry run sends nothing") {
    Sending realm;
    const Mail mail = realm.posted();
    realm.realm().dry_run = true;
    CHECK(deliver(realm, mail.id, &realm.mailer));
    CHECK(realm.mailer.asked == 0);
    CHECK(realm.stored(mail).state == MailState::kept);
}

TEST_CASE("a failure is reported, audited, and tried again later and later") {
    Sending realm;
    realm.mailer.fails_with = delivery::unreachable;
    const Mail mail = realm.posted();
    const Status status = deliver(realm, mail.id, &realm.mailer);
    REQUIRE_FALSE(status);
    CHECK(status.error().code == ErrorCode::delivery);
    CHECK(status.error().reason == "unreachable");
    CHECK(realm.events().back() == "mail_failed");
    CHECK(realm.stored(mail).body == mail.body);
    std::vector<std::int64_t> waits;
    while (realm.stored(mail).state == MailState::kept) {
        const Seconds wait = *realm.stored(mail).next_attempt_at - realm.clock.now();
        waits.push_back(wait.count());
        realm.clock.advance(wait - Seconds(1));
        CHECK(realm.send().attempts.empty());
        realm.clock.advance(Seconds(1));
        CHECK(realm.send().attempts.size() == 1);
    }
    CHECK(waits ==
          std::vector<std::int64_t>{60, 300, 900, 3600, 14400, 86400, 86400, 86400, 86400});
    const Mail after = realm.stored(mail);
    CHECK(after.state == MailState::failed);
    CHECK(after.error == "unreachable");
    CHECK(after.body.empty());
    CHECK_FALSE(after.next_attempt_at);
}

TEST_CASE("a mail that is refused for good is not tried again") {
    Sending realm;
    realm.mailer.fails_with = delivery::rejected;
    const Mail mail = realm.posted();
    const Batch batch = realm.send();
    REQUIRE(batch.attempts.size() == 1);
    CHECK(batch.attempts.front().outcome == SendOutcome::failed);
    CHECK(batch.attempts.front().message == "no luck");
    CHECK(realm.stored(mail).state == MailState::failed);
    CHECK(realm.stored(mail).body.empty());
}

TEST_CASE("a deferred mail arrives at a later time") {
    Sending realm;
    realm.mailer.fails_with = delivery::deferred;
    const Mail mail = realm.posted();
    CHECK(realm.send().attempts.front().outcome == SendOutcome::retried);
    realm.mailer.fails_with = {};
    realm.clock.advance(Seconds(60));
    CHECK(realm.send().attempts.front().outcome == SendOutcome::sent);
    CHECK(realm.stored(mail).attempts == 2);
    CHECK(realm.stored(mail).error.empty());
}

TEST_CASE("a code is not tried again after it has expired") {
    Sending realm;
    realm.mailer.fails_with = delivery::deferred;
    const Mail mail = realm.posted(code_letter);
    CHECK(realm.send().attempts.front().outcome == SendOutcome::retried);
    realm.clock.advance(Seconds(60));
    CHECK(realm.send().attempts.front().outcome == SendOutcome::retried);
    realm.clock.advance(Seconds(300));
    CHECK(realm.send().attempts.front().outcome == SendOutcome::failed);
    CHECK(realm.stored(mail).error == "deferred");
}

TEST_CASE("a mail whose code is dead is dropped, not sent") {
    Sending realm;
    const Mail late = realm.posted(code_letter);
    realm.clock.advance(Seconds(600));
    const Mail dead = realm.posted(code_letter); // used, say
    const Batch batch =
        send_due(realm, realm.mailer, 0, [&](const Mail& mail) { return mail.id == dead.id; });
    CHECK(realm.mailer.asked == 0);
    REQUIRE(batch.attempts.size() == 2);
    for (const Attempt& attempt : batch.attempts) {
        CHECK(attempt.outcome == SendOutcome::dropped);
        CHECK(attempt.mail.state == MailState::failed);
        CHECK(attempt.mail.code.empty());
    }
    CHECK(realm.stored(late).error == "expired");
    CHECK(realm.stored(dead).error == "obsolete");
}

TEST_CASE("mails go oldest first, as many as asked for") {
    Sending realm;
    const Mail first = realm.posted();
    const Mail second = realm.posted();
    CHECK(realm.send(1).attempts.front().mail.id == first.id);
    CHECK(realm.send(1).attempts.front().mail.id == second.id);
    CHECK(realm.send(1).attempts.empty());
}

TEST_CASE("a server that is down is asked once, not for every mail") {
    Sending realm;
    realm.posted();
    realm.posted();
    realm.posted();
    realm.mailer.fails_with = delivery::timeout;
    const Batch batch = realm.send();
    CHECK(batch.attempts.size() == 1);
    CHECK(batch.left == 2);
    CHECK(realm.mailer.asked == 1);
    // A refusal of one mail says nothing of the others.
    realm.mailer.fails_with = delivery::deferred;
    CHECK(realm.send().attempts.size() == 2);
}

TEST_CASE("two processes at once never send the same mail while a claim holds") {
    Sending realm;
    const Mail mail = realm.posted();
    test::OtherProcess other(realm, 7);
    FakeMailer others;
    realm.mailer.meanwhile = [&] {
        CHECK(send_due(other.realm(), others, 0, alive).attempts.empty());
        CHECK(deliver(other.realm(), mail.id, &others));
    };
    CHECK(realm.send().attempts.size() == 1);
    CHECK(others.asked == 0);
}

TEST_CASE("what a killed process had claimed is sent when the claim has run out") {
    Sending realm;
    const Mail mail = realm.posted();
    realm.mailer.meanwhile = [] { throw std::runtime_error("killed"); };
    CHECK_THROWS(realm.send());
    realm.mailer.meanwhile = nullptr;
    CHECK(realm.send().attempts.empty());
    realm.clock.advance(Seconds(15 + 60));
    CHECK(realm.send().attempts.size() == 1);
    CHECK(realm.stored(mail).attempts == 2);
}

TEST_CASE("a process that comes back after its claim ran out changes nothing") {
    Sending realm;
    const Mail mail = realm.posted();
    FakeMailer quicker;
    realm.mailer.fails_with = delivery::timeout;
    realm.mailer.meanwhile = [&] {
        realm.clock.advance(Seconds(100));
        CHECK(send_due(realm, quicker, 0, alive).attempts.size() == 1);
    };
    CHECK(realm.send().attempts.size() == 1);
    CHECK(quicker.sent.size() == 1);
    CHECK(realm.stored(mail).state == MailState::sent);
}

TEST_CASE("a template that cannot be used costs no code") {
    Sending realm;
    realm.set("mail.templates", (realm.directory() / "none").string());
    std::filesystem::create_directories(realm.directory() / "none" / "reset.txt");
    const Mail mail = realm.posted(code_letter);
    CHECK(mail.body.find("8675309") != std::string::npos);
    CHECK(realm.events().back() == "mail_template_failed");
}

TEST_CASE("a mail that was altered has failed, is listed, and keeps no other one waiting") {
    Sending realm;
    const Mail altered = realm.posted();
    const Mail whole = realm.posted();
    realm.execute("UPDATE outbox SET sealed_mail = x'00' WHERE id = '" + altered.id + "'");
    const auto listed = list_mail(realm, {});
    REQUIRE(listed.size() == 2);
    CHECK(listed.back().id == altered.id);
    CHECK(listed.back().error == unreadable);
    CHECK(listed.front().error.empty());
    CHECK_THROWS_AS(find_mail(realm, altered.id), Failure);

    const Batch batch = realm.send();
    REQUIRE(batch.attempts.size() == 2);
    CHECK(batch.attempts.front().outcome == SendOutcome::failed);
    CHECK(batch.attempts.front().mail.error == unreadable);
    CHECK(batch.attempts.back().outcome == SendOutcome::sent);
    REQUIRE(realm.mailer.sent.size() == 1);
    CHECK(realm.mailer.sent.front().id == whole.id);
    CHECK(realm.query("SELECT state || error || hex(sealed_mail) FROM outbox WHERE id = '" +
                      altered.id + "'") == "failedunreadable00");
    CHECK(realm.events().back() == "mail_failed");
    CHECK(realm.send().attempts.empty());
}
