// Mails that tell a user what happened to the account.
#pragma once

#include "core/accounts/user.h"
#include "core/mail/outbox.h"

namespace auth {

[[nodiscard]] Recipient recipient_of(const User& user);

} // namespace auth
