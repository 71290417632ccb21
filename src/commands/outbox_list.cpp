#include "commands/outbox_options.h"
#include "commands/registry.h"
#include "commands/views.h"

namespace auth {
namespace {

Action bind(Flags& flags) {
    auto options = std::make_shared<OutboxOptions>();
    options->bind(flags);
    return [options](World& world) -> Result<Reply> {
        AUTH_TRY(const MailFilter filter, options->filter(world));
        std::vector<Json> records;
        for (const Mail& mail : list_mail(world.realm(), filter))
            records.push_back(mail_record(mail, false));
        return list_reply("auth-cli.mails/1", "mails",
                          {{"CREATED", "created_at"},
                           {"TO", "to"},
                           {"KIND", "kind"},
                           {"SUBJECT", "subject"},
                           {"STATE", "state"},
                           {"ID", "id"}},
                          std::move(records));
    };
}

} // namespace

const Command outbox_list_command{
    "outbox list", "Mail",        "List mails, newest first", "auth-cli outbox list", false,
    bind,          fields::mails,
};

} // namespace auth
