// Mails that tell a user what happened to the account.
#pragma once

#include "core/mail/outbox.h"
#include "core/users/user.h"

#include <string_view>

namespace auth {

[[nodiscard]] Recipient recipient_of(const User& user);

// Posts a notice, unless mail.notices says otherwise or nobody has proved to own the address. Call
// inside the act's Transaction.
void notify(Realm& realm, const User& user, const Letter& letter);

// Tells the user of a change to the second factor, whatever mail.notices says. Call inside the
// act's Transaction.
void post_factor_change(Realm& realm, const User& user, std::string_view what);

// Remembers where the user logs in from, and notifies of a place that is not the first. Call inside
// the Transaction that opens the session.
void note_login_place(Realm& realm, const User& user);

} // namespace auth
