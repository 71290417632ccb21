// Every mail is a sealed row, written in the transaction of the act that caused it.
#pragma once

#include "core/mail/letters.h"
#include "core/mail/mailer.h"
#include "core/settings/realm.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

// Keeps a mail to a user's stored address. Call inside a Transaction.
Mail post(Realm& realm, std::string_view user_id, std::string_view address, const Letter& letter);

// Takes it back before anybody saw it. Call inside the same Transaction.
void unpost(Realm& realm, const Mail& mail);

// Hands a kept mail to the transport, after the act was committed, and notes how it went. Without a
// transport (nullptr: the outbox is read in place) it does nothing. Fails with delivery.
[[nodiscard]] Status deliver(Realm& realm, const Mail& mail, Mailer* mailer);

struct MailFilter {
    std::string user_id; // "" for all
    std::string kind;
    std::int64_t limit = 0; // the latest N; 0 for all
};
// Newest first.
[[nodiscard]] std::vector<Mail> list_mail(Realm& realm, const MailFilter& filter);
[[nodiscard]] std::optional<Mail> find_mail(Realm& realm, std::string_view id);

// Removes mails made before `until`, and says how many. Call inside a Transaction.
std::int64_t purge_mail(Realm& realm, Time until);

} // namespace auth
