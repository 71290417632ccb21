// Mail transport: a sendmail program.
#pragma once

#include "core/base/clock.h"
#include "core/base/mailbox.h"
#include "core/mail/mailer.h"

#include <filesystem>
#include <memory>

namespace auth {

// Pipes each mail into PROGRAM -i -f FROM -- TO, started without a shell and with an environment of
// its own, and kills it after `limit`. Its exit codes are those of sysexits.h.
[[nodiscard]] std::unique_ptr<Mailer> sendmail_mailer(std::filesystem::path program, Mailbox from,
                                                      Seconds limit);

} // namespace auth
