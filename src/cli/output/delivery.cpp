#include "cli/output/delivery.h"

#include "cli/next_step.h"
#include "cli/output/exit_code.h"
#include "core/base/text.h"
#include "core/users/users_table.h"

#include <fmt/format.h>

namespace auth {
namespace {

// The act was done, but the mail with the user's code was not sent.
Error code_not_sent(const std::string& email, const UnsentMail& unsent) {
    return error(ErrorCode::delivery,
                 fmt::format("the user {} exists, but the mail with the code was not sent: {}",
                             printable(email), unsent.why.message))
        .with_reason(unsent.why.reason)
        .with_hint(NextStep{"verify", {unsent.mail.to, "--resend"}});
}

void add_failure(World& world, const Error& failure, Reply& reply) {
    reply.note += fmt::format("{}auth-cli: error: {}", reply.note.empty() ? "" : "\n",
                              printable(failure.message));
    if (const std::string hint = in_words(failure.hint, given_flags(world.settings)); !hint.empty())
        reply.note += fmt::format("\nauth-cli: hint: {}", printable(hint));
    reply.exit = exit_code(failure.code);
}

} // namespace

Result<Reply> send_mails(World& world, Reply reply) {
    for (const UnsentMail& unsent : world.post().send_awaited()) {
        if (unsent.mail.kind == "notice") {
            add_failure(world, unsent.why, reply);
            continue;
        }
        AUTH_TRY(auto& realm, world.realm());
        const auto user = users_table::find_by_id(realm.database, unsent.mail.user_id);
        const Error failure = code_not_sent(user ? user->email : unsent.mail.to, unsent);
        if (!reply.only_copy)
            return fail(failure);
        add_failure(world, failure, reply);
    }
    world.post().send_unseen();
    return reply;
}

Result<Mailer*> require_transport(World& world) {
    AUTH_TRY(Mailer* const mailer, world.post().mailer());
    if (mailer != nullptr)
        return mailer;
    return fail(error(ErrorCode::refused,
                      "cannot send: no mail transport is configured, so mails stay in the outbox")
                    .with_reason("no_transport")
                    .with_hint(NextStep{"config set", {"mail.transport", "smtp"}}));
}

} // namespace auth
