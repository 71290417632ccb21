// Mails of an act that is done, whatever becomes of them.
#pragma once

#include "cli/output/reply.h"
#include "cli/world/world.h"
#include "core/mail/mailer.h"

#include <vector>

namespace auth {

// Hands them over; a failure is added to the reply, as its note and its exit.
void deliver_mails(World& world, const std::vector<Mail>& mails, Reply& reply);

} // namespace auth
