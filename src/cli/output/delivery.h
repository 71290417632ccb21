// What commands say of mails.
#pragma once

#include "cli/output/reply.h"
#include "cli/world/world.h"

namespace auth {

// Sends the mails that the command's acts have posted, but for notices, and adds to the reply which
// were not sent, with the exit code. Fails with delivery instead if a user's code is among them and
// the reply is not the only copy of a secret. Closes the database as Post::send_unseen.
[[nodiscard]] Result<Reply> send_mails(World& world, Reply reply);

// The transport. Fails with refused, reason no_transport, where mails are only kept.
[[nodiscard]] Result<Mailer*> require_transport(World& world);

} // namespace auth
