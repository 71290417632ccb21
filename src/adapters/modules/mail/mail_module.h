// The module "mail": what needs libcurl and GMime.
#pragma once

#include "core/mail/mailer.h"
#include "core/settings/settings.h"

#include <filesystem>
#include <memory>

// The transport that mail.transport names, file, sendmail or smtp; `directory` is the maildir.
// Fails with usage.
extern "C" void auth_mail_transport(const auth::Settings& settings,
                                    const std::filesystem::path& directory,
                                    auth::Result<std::unique_ptr<auth::Mailer>>& made);
