#include "cli/output/document.h"
#include "commands/registry.h"
#include "core/base/text.h"
#include "core/mail/outbox.h"
#include "core/settings/setting.h"

#include <fmt/format.h>

namespace auth {
namespace {

struct Options {
    std::string older_than;
    bool all = false;
};

Result<Reply> run(World& world, const Options& options) {
    AUTH_TRY(auto& realm, world.realm());
    Seconds age = realm.settings.get(setting<"codes.ttl">);
    if (!options.older_than.empty()) {
        AUTH_TRY(age, parse_duration(options.older_than));
    }
    // A mail of this very second counts as made before now.
    const Time until = options.all ? realm.now() + Seconds(1) : realm.now() - age;
    Transaction transaction(realm.database);
    // What a transport has yet to take is no litter.
    const bool waits = realm.settings.get(setting<"mail.transport">) != "outbox" && !options.all;
    const std::int64_t removed = purge_mail(realm, {until, waits});
    transaction.commit();
    Reply reply;
    reply.document = {
        {"schema", "auth-cli.purge/1"}, {"removed", removed}, {"changed", removed > 0}};
    reply.note = fmt::format("removed {}", counted(removed, "mail"));
    return reply;
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.option("--older-than", options->older_than, "DURATION",
                 "least age; default: the life of a code");
    flags.flag("--all", options->all, "remove every mail");
    flags.exclusive({"--older-than", "--all"});
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command outbox_purge_command{
    .path = "outbox purge",
    .group = "Mail",
    .summary = "Erase mails whose codes are no longer good",
    .examples = "auth-cli outbox purge\n"
                "auth-cli outbox purge --all",
    .mutates = true,
    .bind = bind,
    .fields = fields::purge,
};

} // namespace auth
