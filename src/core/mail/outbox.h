// Every mail is a sealed row, written in the transaction of the act that caused it.
#pragma once

#include "core/mail/letters.h"
#include "core/mail/mailer.h"
#include "core/mail/templates.h"
#include "core/realm.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

// Keeps a mail to a user's stored address, to be sent once the act is done. Where a template of the
// operator's cannot be used, the mail has the built-in words and the trail says so: no code is
// lost. Call inside a Transaction.
Mail post(Realm& realm, const Recipient& recipient, const Letter& letter, Departure departure);

// Takes its row back before anybody saw it, so that nothing is sent. Call inside the same
// Transaction.
void unpost(Realm& realm, const Mail& mail);

[[nodiscard]] std::string_view to_name(MailState state);

struct MailFilter {
    std::string user_id; // "" for all
    std::string kind;
    std::int64_t limit = 0; // the latest N; 0 for all
};
// The error of a mail whose row was altered, so that its content cannot be opened.
inline constexpr std::string_view unreadable = "unreadable";

// Newest first. One that cannot be opened is among them, without its content.
[[nodiscard]] std::vector<Mail> list_mail(Realm& realm, const MailFilter& filter);
// These two throw database_corrupt where it cannot be opened.
[[nodiscard]] std::optional<Mail> latest_mail(Realm& realm, MailFilter filter);
[[nodiscard]] std::optional<Mail> find_mail(Realm& realm, std::string_view id);

struct MailPurge {
    Time until;                 // those made before
    bool spare_waiting = false; // but not kept ones that are still worth sending
};
// Removes mails, and says how many. Call inside a Transaction.
std::int64_t purge_mail(Realm& realm, const MailPurge& purge);

} // namespace auth
