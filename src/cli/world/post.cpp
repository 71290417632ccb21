#include "cli/world/post.h"

#include "core/base/text.h"
#include "core/mail/outbox.h"
#include "core/mail/sending.h"
#include "core/settings/setting.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace auth {

Result<Mailer*> Post::mailer() {
    if (!mailer_ && needs_.settings.get(setting<"mail.transport">) != "outbox") {
        AUTH_TRY(const auto directory, needs_.places.mail_directory());
        mailer_ = needs_.make_mailer(needs_.settings, directory);
    }
    return mailer_.get();
}

std::vector<std::string> Post::take(Departure departure) {
    std::vector<std::string> ids;
    Realm* const realm = needs_.store.opened();
    if (realm == nullptr)
        return ids;
    std::erase_if(*realm->posted, [&](const PostedMail& mail) {
        if (mail.departure == departure)
            ids.push_back(mail.id);
        return mail.departure == departure;
    });
    if (!ids.empty() &&
        (realm->dry_run || needs_.settings.get(setting<"mail.transport">) == "outbox"))
        ids.clear();
    return ids;
}

Status Post::send(const std::string& id) {
    AUTH_TRY(Mailer* const transport, mailer());
    return deliver(*needs_.store.opened(), id, transport);
}

std::vector<UnsentMail> Post::send_all(Departure departure) {
    std::vector<UnsentMail> unsent;
    for (const std::string& id : take(departure))
        if (Status sent = send(id); !sent)
            if (auto mail = find_mail(*needs_.store.opened(), id))
                unsent.push_back({*std::move(mail), std::move(sent).error()});
    return unsent;
}

std::vector<UnsentMail> Post::send_awaited() {
    return send_all(Departure::awaited);
}

void Post::send_unseen() {
    const std::vector<std::string> ids = take(Departure::unseen);
    if (ids.empty())
        return;
    mailer_.reset();
    needs_.store.close(); // no connection to it may be in two processes
    needs_.detach([this, &ids] {
        if (!needs_.store.reopen())
            return;
        for (const std::string& id : ids)
            (void)send(id);
    });
}

void Post::send_rest() {
    for (const Departure departure : {Departure::awaited, Departure::notice})
        for (const UnsentMail& unsent : send_all(departure))
            needs_.streams.err(fmt::format("auth-cli: warning: a notice to {} was not sent: {}\n",
                                           printable(unsent.mail.to),
                                           printable(unsent.why.message)));
    send_unseen();
}

} // namespace auth
