// What commands say of mails.
#pragma once

#include "cli/output/reply.h"
#include "cli/world/world.h"
#include "core/mail/sending.h"
#include "core/users/user.h"

namespace auth {

// The act was done, but the mail with the user's code was not sent.
[[nodiscard]] Error code_not_sent(const User& user, const Error& why);

// The transport. Fails with refused, reason no_transport, where mails are only kept.
[[nodiscard]] Result<Mailer*> require_transport(World& world);

} // namespace auth
