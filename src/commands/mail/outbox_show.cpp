#include "commands/mail/outbox_options.h"
#include "commands/registry.h"
#include "core/base/text.h"

#include <fmt/format.h>

namespace auth {
namespace {

struct Options : OutboxOptions {
    std::string id;
    bool latest = false;
};

Result<Reply> run(World& world, const Options& options) {
    if (options.latest == !options.id.empty())
        return fail(ErrorCode::usage, "name one mail: its ID, or --latest",
                    NextStep{"outbox list"});
    if (!options.id.empty()) {
        AUTH_TRY(auto& realm, world.realm());
        const auto mail = find_mail(realm, options.id);
        if (!mail)
            return fail(ErrorCode::not_found,
                        fmt::format("there is no mail '{}'", printable(options.id.substr(0, 80))),
                        NextStep{"outbox list"});
        return mail_reply(realm, *mail);
    }
    AUTH_TRY(MailFilter filter, options.filter(world));
    AUTH_TRY(auto& realm, world.realm());
    const auto mail = latest_mail(realm, std::move(filter));
    if (!mail)
        return fail(ErrorCode::not_found, "there is no such mail", NextStep{"outbox list"});
    return mail_reply(realm, *mail);
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.optional_argument("ID", options->id, "a mail's id");
    flags.flag("--latest", options->latest, "the newest one");
    options->bind(flags);
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command outbox_show_command{
    .path = "outbox show",
    .group = "Mail",
    .summary = "Show a mail with its code",
    .examples = "auth-cli create ann@example.org --no-password\n"
                "auth-cli outbox show --latest --to ann@example.org --field code",
    .bind = bind,
    .fields = fields::mail,
};

} // namespace auth
