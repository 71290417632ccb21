#include "cli/output/delivery.h"

#include "core/base/text.h"

#include <fmt/format.h>

namespace auth {

Error code_not_sent(const User& user, const Error& why) {
    Error out = error(ErrorCode::delivery,
                      fmt::format("the user {} exists, but the mail with the code was not sent: {}",
                                  printable(user.email), why.message))
                    .with_reason(why.reason)
                    .with_hint(NextStep{"verify", {user.email_key, "--resend"}});
    return out;
}

Result<Mailer*> require_transport(World& world) {
    AUTH_TRY(Mailer* const mailer, world.post().mailer());
    if (mailer != nullptr)
        return mailer;
    return fail(error(ErrorCode::refused, "mails are kept in the outbox: there is no transport")
                    .with_reason("no_transport")
                    .with_hint(NextStep{"config set", {"mail.transport", "smtp"}}));
}

} // namespace auth
