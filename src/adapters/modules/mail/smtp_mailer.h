// Mail transport: an SMTP server.
#pragma once

#include "core/mail/mail_settings.h"
#include "core/mail/mailer.h"

#include <memory>

namespace auth {

// Sends each mail through an SMTP server (RFC 5321), over TLS unless told otherwise. Each has a
// connection of its own, and `limit` for all of it. Neither .netrc nor proxies are used.
[[nodiscard]] std::unique_ptr<Mailer> smtp_mailer(SmtpServer server, Mailbox from, Seconds limit);

} // namespace auth
