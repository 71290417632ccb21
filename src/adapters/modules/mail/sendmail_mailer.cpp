#include "adapters/modules/mail/sendmail_mailer.h"

#include "adapters/modules/mail/message.h"
#include "adapters/modules/mail/program.h"
#include "core/base/secret.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <sysexits.h>

namespace auth {
namespace {

class SendmailMailer final : public Mailer {
  public:
    SendmailMailer(std::filesystem::path program, Mailbox from, Seconds limit)
        : program_(std::move(program)), from_(std::move(from)), limit_(limit) {}
    [[nodiscard]] Status send(const Mail& mail) override;

  private:
    [[nodiscard]] Error problem(std::string_view reason, std::string_view what) const;

    std::filesystem::path program_;
    Mailbox from_;
    Seconds limit_;
};

Error SendmailMailer::problem(std::string_view reason, std::string_view what) const {
    return error(ErrorCode::delivery, fmt::format("{} {}", in_quotes(program_.string()), what))
        .with_reason(std::string(reason))
        .with_hint(NextStep{"config get", {"mail.sendmail_path"}});
}

std::string_view reason_of(int status) {
    switch (status) {
    case EX_DATAERR:
    case EX_NOUSER:
    case EX_NOHOST:
        return delivery::rejected;
    case EX_TEMPFAIL:
        return delivery::deferred;
    default:
        return delivery::interrupted;
    }
}

Status SendmailMailer::send(const Mail& mail) {
    std::string message = compose(mail, from_, Newline::lf);
    const auto ended = run_program({program_.string(), "-i", "-f", from_.address, "--", mail.to},
                                   message, Output::ignored, limit_);
    wipe(message);
    if (!ended)
        return fail(problem(delivery::misconfigured, "cannot be run: " + ended.error().message));
    if (ended->late)
        return fail(problem(delivery::timeout, "took longer than " + to_text(limit_)));
    if (!ended->status)
        return fail(problem(delivery::interrupted, "ended, and nobody can tell how"));
    if (ended->status == EX_OK)
        return {};
    const std::string said = complaint_of(*ended);
    return fail(problem(reason_of(*ended->status), fmt::format("ended with {}{}{}", *ended->status,
                                                               said.empty() ? "" : ": ", said)));
}

} // namespace

std::unique_ptr<Mailer> sendmail_mailer(std::filesystem::path program, Mailbox from,
                                        Seconds limit) {
    return std::make_unique<SendmailMailer>(std::move(program), std::move(from), limit);
}

} // namespace auth
