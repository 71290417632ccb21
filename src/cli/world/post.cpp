#include "cli/world/post.h"

#include "core/base/text.h"
#include "core/mail/outbox.h"
#include "core/mail/sending.h"
#include "core/settings/setting.h"

#include <fmt/format.h>

#include <utility>

namespace auth {

Result<Mailer*> Post::mailer() {
    if (!mailer_ && needs_.settings.get(setting<"mail.transport">) != "outbox") {
        AUTH_TRY(const auto directory, needs_.places.mail_directory());
        mailer_ = needs_.make_mailer(needs_.settings, directory);
    }
    return mailer_.get();
}

Status Post::send(const std::optional<Mail>& mail) {
    if (!mail)
        return {};
    AUTH_TRY(Mailer* const transport, mailer());
    return deliver(*needs_.store.opened(), *mail, transport);
}

void Post::send_in_background(const std::optional<Mail>& mail) {
    const Realm* realm = needs_.store.opened();
    if (realm == nullptr || realm->dry_run ||
        needs_.settings.get(setting<"mail.transport">) == "outbox")
        return;
    mailer_.reset();
    needs_.store.close(); // no connection to it may be in two processes
    needs_.detach([this, &mail] {
        if (mail && needs_.store.reopen())
            (void)send(mail);
    });
}

void Post::send_notices() {
    Realm* realm = needs_.store.opened();
    if (realm == nullptr)
        return;
    for (const std::string& id : std::exchange(*realm->notices, {})) {
        const auto mail = find_mail(*realm, id); // none if the act was undone
        if (const Status sent = send(mail); !sent)
            needs_.streams.err(fmt::format("auth-cli: warning: a notice to {} was not sent: {}\n",
                                           printable(mail->to), printable(sent.error().message)));
    }
}

} // namespace auth
