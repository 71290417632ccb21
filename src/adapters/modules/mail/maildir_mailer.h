// Mail transport: a maildir.
#pragma once

#include "core/base/mailbox.h"
#include "core/mail/mailer.h"

#include <filesystem>
#include <memory>

namespace auth {

// Writes each mail into a maildir (DIRECTORY/tmp, new, cur) under a name that is the mail's own, so
// that one handed over twice is there once.
[[nodiscard]] std::unique_ptr<Mailer> maildir_mailer(std::filesystem::path directory, Mailbox from);

} // namespace auth
