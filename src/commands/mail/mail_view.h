// A mail of the outbox as JSON.
#pragma once

#include "cli/output/document.h"
#include "core/mail/mailer.h"

namespace auth {

[[nodiscard]] Json mail_record(const Mail& mail, bool with_content);

} // namespace auth
