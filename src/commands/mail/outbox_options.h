// Which mails an outbox command is about.
#pragma once

#include "cli/command.h"
#include "core/mail/outbox.h"

#include <string>

namespace auth {

struct OutboxOptions {
    std::string to;
    std::string kind;

    void bind(Flags& flags); // --to and --kind
    // Fails with not_found for an address that no user has.
    [[nodiscard]] Result<MailFilter> filter(World& world) const;
};

// auth-cli.mail/1 with its content; the body is the text. Whoever reads a code or a link may act as
// its user, so that it is given out goes into the audit trail first.
[[nodiscard]] Reply mail_reply(Realm& realm, const Mail& mail);

} // namespace auth
