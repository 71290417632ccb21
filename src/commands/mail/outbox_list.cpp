#include "cli/next_step.h"
#include "commands/mail/mail_view.h"
#include "commands/mail/outbox_options.h"
#include "commands/registry.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace auth {
namespace {

Action bind(Flags& flags) {
    auto options = std::make_shared<OutboxOptions>();
    options->bind(flags);
    return [options](World& world) -> Result<Reply> {
        AUTH_TRY(const MailFilter filter, options->filter(world));
        AUTH_TRY(auto& realm, world.realm());
        std::vector<Json> records;
        std::int64_t altered = 0;
        for (const Mail& mail : list_mail(realm, filter)) {
            altered += mail.error == unreadable ? 1 : 0;
            records.push_back(mail_record(mail, false));
        }
        Reply reply = list_reply("auth-cli.mails/1", "mails",
                                 {{"CREATED", "created_at"},
                                  {"TO", "to"},
                                  {"KIND", "kind"},
                                  {"SUBJECT", "subject"},
                                  {"STATE", "state"},
                                  {"ID", "id"}},
                                 std::move(records));
        if (altered > 0)
            reply.note = fmt::format("{} cannot be opened: {}", counted(altered, "mail"),
                                     as_typed({"db check"}, given_flags(world.settings)));
        return reply;
    };
}

} // namespace

const Command outbox_list_command{
    .path = "outbox list",
    .group = "Mail",
    .summary = "List mails, newest first",
    .examples = "auth-cli outbox list",
    .bind = bind,
    .fields = fields::mails,
};

} // namespace auth
