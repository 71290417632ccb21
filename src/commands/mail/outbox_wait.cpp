#include "commands/mail/outbox_options.h"
#include "commands/registry.h"

#include <fmt/format.h>

namespace auth {
namespace {

constexpr std::chrono::milliseconds poll_interval{100};

struct Options : OutboxOptions {
    std::string timeout = "30s";
    std::string print;
};

// The newest mail of the user, who may not exist yet either.
Result<std::optional<Mail>> look(World& world, const Options& options) {
    auto filter = options.filter(world);
    if (!filter && filter.error().code == ErrorCode::not_found)
        return std::nullopt;
    if (!filter)
        return fail(filter.error());
    AUTH_TRY(auto& realm, world.realm());
    return latest_mail(realm, *std::move(filter));
}

// With that member alone as its text. What was sent is erased.
Result<Reply> shown(Reply reply, const std::string& member) {
    if (member.empty())
        return reply;
    const Json& value = reply.document.at(member);
    if (!value.is_string())
        return fail(ErrorCode::not_found,
                    fmt::format("the mail has no {}{}", member,
                                reply.document.at("state") == "kept" ? "" : " any more"),
                    NextStep{"outbox show", {"--latest"}});
    reply.text = value.get<std::string>() + "\n";
    return reply;
}

Result<Reply> run(World& world, const Options& options) {
    AUTH_TRY(const Seconds timeout, parse_duration(options.timeout));
    const Time deadline = world.clock().now() + timeout;
    while (true) {
        AUTH_TRY(const auto mail, look(world, options));
        if (mail) {
            AUTH_TRY(auto& realm, world.realm());
            return shown(mail_reply(realm, *mail), options.print);
        }
        if (world.clock().now() >= deadline)
            return fail(ErrorCode::not_found,
                        fmt::format("timed out after {}: no such mail", to_text(timeout)),
                        NextStep{"outbox list"});
        world.clock().sleep(poll_interval);
    }
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    options->bind(flags);
    flags.required("--to");
    flags.option("--timeout", options->timeout, "DURATION", "how long to wait; default 30s");
    flags.option("--print", options->print, "MEMBER", "only this: code, link, subject, body or id");
    flags.choices("--print", {"code", "link", "subject", "body", "id"});
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command outbox_wait_command{
    .path = "outbox wait",
    .group = "Mail",
    .summary = "Wait for a mail to a user, and show it",
    .examples = "auth-cli create ann@example.org --no-password\n"
                "auth-cli outbox wait --to ann@example.org --kind verify --timeout 5s --print code",
    .bind = bind,
    .fields = fields::mail,
};

} // namespace auth
