#include "cli/output/deliver_mails.h"

#include "cli/output/exit_code.h"
#include "core/base/text.h"
#include "core/mail/sending.h"

#include <fmt/format.h>

namespace auth {

void deliver_mails(World& world, const std::vector<Mail>& mails, Reply& reply) {
    for (const Mail& mail : mails) {
        const Status sent = world.post().send(mail);
        if (sent)
            continue;
        reply.note += fmt::format("{}auth-cli: error: {}", reply.note.empty() ? "" : "\n",
                                  printable(sent.error().message));
        reply.exit = exit_code(sent.error().code);
    }
}

} // namespace auth
