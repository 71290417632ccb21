// Mails that tell a user what happened to the account.
#pragma once

#include "core/accounts/login_places_table.h"
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

// Where a user logs in from, to be remembered; the user is told of a place that is not the first.
// Made in the Transaction that opens the session; look() reads and note() writes.
class LoginPlace {
  public:
    LoginPlace(Realm& realm, std::string_view user_id);
    void look(Realm& realm, const User& user);
    void note(Realm& realm, const User& user) const;

  private:
    std::string name_; // empty where it is not known
    std::string mac_;
    login_places_table::Known known_{};
};

} // namespace auth
