#include "commands/mail/mail_view.h"

#include "core/mail/outbox.h"

namespace auth {

Json mail_record(const Mail& mail, bool with_content) {
    Json record = {{"id", mail.id},
                   {"to", or_null(mail.to)},
                   {"kind", mail.kind},
                   {"subject", or_null(mail.subject)}};
    if (with_content) {
        record["code"] = or_null(mail.code);
        record["link"] = or_null(mail.link);
        record["body"] = or_null(mail.body);
        record["html"] = or_null(mail.html);
    }
    record["created_at"] = to_rfc3339(mail.created_at);
    record["state"] = to_name(mail.state);
    record["attempts"] = mail.attempts;
    record["next_attempt_at"] = time_or_null(mail.next_attempt_at);
    record["error"] = or_null(mail.error);
    return record;
}

} // namespace auth
