#include "core/mail/sending.h"

#include "core/audit/audit.h"
#include "core/mail/outbox_table.h"
#include "core/mail/sealed_mail.h"
#include "core/settings/setting.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace auth {
namespace {

constexpr std::array waits{Seconds(60), Seconds(300), Seconds(900), Seconds(3600), Seconds(14400)};
constexpr Seconds day{86400};
constexpr Seconds patience = 5 * day;
constexpr Seconds margin{60};

// A mail that this process alone may send until then.
struct Claim {
    Mail mail;
    Time until;
    std::optional<std::string> altered{}; // its sealed content, which does not open
};

std::optional<Claim> claim(Realm& realm, std::string_view id) {
    const Time now = realm.now();
    const Time until = now + realm.settings.get(setting<"mail.timeout">) + margin;
    Transaction transaction(realm.database, Locks::mail(id));
    if (!outbox_table::claim(realm.database, id, now, until))
        return std::nullopt;
    const auto row = outbox_table::find(realm.database, id);
    auto mail = try_open_mail(realm, *row);
    Claim out = mail ? Claim{*std::move(mail), until} : Claim{row->outside, until, row->sealed};
    transaction.commit();
    return out;
}

// Content is needed no longer once a mail is out of the outbox.
void erase_content(Mail& mail) {
    for (std::string* content : {&mail.body, &mail.html, &mail.code, &mail.link}) {
        wipe(*content);
        content->clear();
    }
}

void end_claim(Realm& realm, Claim& claim) {
    Mail& mail = claim.mail;
    if (mail.state != MailState::kept)
        erase_content(mail);
    const std::string sealed = claim.altered ? *claim.altered : seal_mail(realm, mail);
    Transaction transaction(realm.database, Locks::mail(mail.id));
    const bool ours = outbox_table::end_claim(realm.database, {mail, sealed}, claim.until);
    if (ours && !mail.error.empty())
        record(realm, {.event = "mail_failed",
                       .target = mail.user_id,
                       .ok = false,
                       .detail = {{"mail", mail.id},
                                  {"kind", mail.kind},
                                  {"reason", mail.error},
                                  {"final", mail.state == MailState::failed}}});
    transaction.commit();
}

SendOutcome note_failure(Mail& mail, const Error& failure, Time now) {
    mail.error = failure.reason.empty() ? "unknown" : failure.reason;
    const auto past = static_cast<std::size_t>(std::max<std::int64_t>(mail.attempts, 1)) - 1;
    const Time next = now + (past < waits.size() ? waits.at(past) : day);
    const Time last = std::min(mail.expires_at.value_or(Time::max()), mail.created_at + patience);
    const bool final = mail.error == delivery::rejected || next >= last;
    mail.state = final ? MailState::failed : MailState::kept;
    mail.next_attempt_at = final ? std::nullopt : std::optional(next);
    return final ? SendOutcome::failed : SendOutcome::retried;
}

// Sends a claimed mail and stores how that went.
Attempt attempt(Realm& realm, Claim& claimed, Mailer& mailer, Error* why = nullptr) {
    const Status sent = mailer.send(claimed.mail);
    SendOutcome outcome = SendOutcome::sent;
    if (sent) {
        claimed.mail.state = MailState::sent;
        claimed.mail.error.clear();
        claimed.mail.next_attempt_at.reset();
    } else {
        outcome = note_failure(claimed.mail, sent.error(), realm.now());
        if (why != nullptr)
            *why = sent.error();
    }
    end_claim(realm, claimed);
    return {claimed.mail, outcome, sent ? "" : sent.error().message};
}

// The code has expired, or was used or replaced before the mail got out.
Attempt drop(Realm& realm, Claim& claimed, bool expired) {
    claimed.mail.state = MailState::failed;
    claimed.mail.error = expired ? "expired" : "obsolete";
    claimed.mail.next_attempt_at.reset();
    end_claim(realm, claimed);
    return {claimed.mail, SendOutcome::dropped, "its code is no longer good"};
}

Attempt give_up(Realm& realm, Claim& claimed) {
    claimed.mail.state = MailState::failed;
    claimed.mail.error = unreadable;
    claimed.mail.next_attempt_at.reset();
    end_claim(realm, claimed);
    return {claimed.mail, SendOutcome::failed, "its content was altered and cannot be opened"};
}

bool concerns_all(std::string_view reason) {
    return reason != delivery::rejected && reason != delivery::deferred;
}

} // namespace

Status deliver(Realm& realm, std::string_view id, Mailer* mailer) {
    if (mailer == nullptr || realm.dry_run)
        return {};
    auto claimed = claim(realm, id);
    if (!claimed)
        return {};
    if (claimed->altered)
        return fail(error(ErrorCode::delivery, give_up(realm, *claimed).message)
                        .with_reason(std::string(unreadable)));
    Error why;
    if (attempt(realm, *claimed, *mailer, &why).outcome != SendOutcome::sent)
        return fail(std::move(why));
    return {};
}

Batch send_due(Realm& realm, Mailer& mailer, std::int64_t limit,
               const std::function<bool(const Mail&)>& dead) {
    Batch batch;
    const auto ids = outbox_table::due(realm.database, realm.now(), limit);
    bool stopped = false;
    for (const std::string& id : ids) {
        if (stopped) {
            ++batch.left;
            continue;
        }
        auto claimed = claim(realm, id);
        if (!claimed)
            continue;
        if (claimed->altered) {
            batch.attempts.push_back(give_up(realm, *claimed));
            continue;
        }
        const bool expired = claimed->mail.expires_at && *claimed->mail.expires_at <= realm.now();
        if (expired || dead(claimed->mail)) {
            batch.attempts.push_back(drop(realm, *claimed, expired));
            continue;
        }
        if (realm.dry_run) {
            batch.attempts.push_back({claimed->mail, SendOutcome::due});
            continue;
        }
        batch.attempts.push_back(attempt(realm, *claimed, mailer));
        const Attempt& last = batch.attempts.back();
        stopped = last.outcome != SendOutcome::sent && concerns_all(last.mail.error);
    }
    return batch;
}

} // namespace auth
