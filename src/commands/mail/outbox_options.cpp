#include "commands/mail/outbox_options.h"

#include "commands/mail/mail_view.h"
#include "core/accounts/accounts.h"
#include "core/audit/audit.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace auth {

void OutboxOptions::bind(Flags& flags) {
    flags.option("--to", to, "EMAIL", "only to this user");
    flags.option("--kind", kind, "KIND", "only verify, reset, link or notice");
    flags.choices("--kind", {"verify", "reset", "link", "notice"});
}

Result<MailFilter> OutboxOptions::filter(World& world) const {
    MailFilter filter;
    filter.kind = kind;
    if (!to.empty()) {
        AUTH_TRY(const UserRef ref, parse_user_ref(to));
        AUTH_TRY(auto& realm, world.realm());
        AUTH_TRY(const User user, require_user(realm, ref));
        filter.user_id = user.id;
    }
    return filter;
}

Reply mail_reply(Realm& realm, const Mail& mail) {
    if (!mail.code.empty() || !mail.link.empty())
        record_alone(realm,
                     {.event = "mail_shown",
                      .target = mail.user_id,
                      .detail = {{"by", "operator"}, {"mail", mail.id}, {"kind", mail.kind}}});
    Reply reply;
    reply.document = {{"schema", "auth-cli.mail/1"}};
    reply.document.update(mail_record(mail, true));
    std::string body;
    for (std::string_view rest = mail.body; !rest.empty();) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        body += printable(rest.substr(0, end)) + "\n";
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    reply.text = fmt::format("To: {}\nSubject: {}\nDate: {}\n\n{}", printable(mail.to),
                             printable(mail.subject), to_rfc3339(mail.created_at), body);
    return reply;
}

} // namespace auth
