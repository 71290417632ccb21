#include "adapters/modules/mail/maildir_mailer.h"

#include "adapters/modules/mail/message.h"
#include "core/base/private_file.h"

#include <fmt/format.h>

namespace auth {
namespace {

class MaildirMailer final : public Mailer {
  public:
    MaildirMailer(std::filesystem::path directory, Mailbox from)
        : directory_(std::move(directory)), from_(std::move(from)) {}
    [[nodiscard]] Status send(const Mail& mail) override;

  private:
    [[nodiscard]] Status write(const Mail& mail, std::string_view message) const;

    std::filesystem::path directory_;
    Mailbox from_;
};

Status MaildirMailer::write(const Mail& mail, std::string_view message) const {
    const std::string name = fmt::format("{}.{}.auth-cli", unix_seconds(mail.created_at), mail.id);
    for (const char* part : {"tmp", "new", "cur"})
        AUTH_CHECK(make_private_directory(directory_ / part));
    AUTH_CHECK(remove_private_file(directory_ / "tmp" / name)); // of a process that was killed
    AUTH_CHECK(create_private_file(directory_ / "tmp" / name, message));
    return publish_private_file(directory_ / "tmp" / name, directory_ / "new" / name);
}

Status MaildirMailer::send(const Mail& mail) {
    std::string message = compose(mail, from_, Newline::lf);
    const Status written = write(mail, message);
    wipe(message);
    if (written || written.error().code == ErrorCode::exists)
        return {};
    return fail(error(ErrorCode::delivery, written.error().message)
                    .with_reason(std::string(delivery::unreachable))
                    .with_hint(NextStep{"config get", {"mail.directory"}}));
}

} // namespace

std::unique_ptr<Mailer> maildir_mailer(std::filesystem::path directory, Mailbox from) {
    return std::make_unique<MaildirMailer>(std::move(directory), std::move(from));
}

} // namespace auth
