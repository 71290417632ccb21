#include "adapters/modules/mail/mail_module.h"

#include "adapters/modules/mail/maildir_mailer.h"
#include "adapters/modules/mail/sendmail_mailer.h"
#include "adapters/modules/mail/smtp_mailer.h"
#include "core/settings/setting.h"

namespace auth {
namespace {

Result<std::unique_ptr<Mailer>> transport(const Settings& settings,
                                          const std::filesystem::path& directory) {
    AUTH_TRY(const Mailbox from, Mailbox::parse(settings.get(setting<"mail.from">)));
    const Seconds limit = settings.get(setting<"mail.timeout">);
    const std::string name = settings.get(setting<"mail.transport">);
    if (name == "file")
        return maildir_mailer(directory, from);
    if (name == "sendmail")
        return sendmail_mailer(settings.get(setting<"mail.sendmail_path">), from, limit);
    AUTH_TRY(SmtpServer server, smtp_server(settings));
    return smtp_mailer(std::move(server), from, limit);
}

} // namespace
} // namespace auth

extern "C" [[gnu::visibility("default")]] void
auth_mail_transport(const auth::Settings& settings, const std::filesystem::path& directory,
                    auth::Result<std::unique_ptr<auth::Mailer>>& made) {
    made = auth::transport(settings, directory);
}
