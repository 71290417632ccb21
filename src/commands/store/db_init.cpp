#include "cli/output/document.h"
#include "commands/registry.h"
#include "commands/store/db_status.h"

#include <fmt/format.h>

namespace auth {
namespace {

struct Options {
    bool test = false;
    bool if_not_exists = false;
};

Result<Reply> init_reply(World& world, bool changed) {
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const std::string name, world.places().database_name());
    Reply reply;
    reply.document = database_document(realm, world.store().meta());
    reply.document["changed"] = changed;
    reply.note = fmt::format("{} '{}' with its key '{}'", changed ? "made" : "already there:", name,
                             realm.vault.key_name());
    return reply;
}

Result<Reply> run(World& world, const Options& options) {
    const Status made = world.store().make(options.test);
    if (made)
        return init_reply(world, true);
    if (made.error().code != ErrorCode::exists || !options.if_not_exists)
        return fail(made.error());
    AUTH_TRY(const auto& realm, world.realm());
    if (options.test != realm.test)
        return fail(
            error(ErrorCode::refused, realm.test ? "the database that is there is a test database"
                                                 : "the database that is there is no test database")
                .with_reason("other_kind")
                .with_hint(NextStep{"db status"}));
    return init_reply(world, false);
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.flag("--test", options->test,
               "for tests: cheap hashes and relaxed policy, marked for ever");
    flags.flag("--if-not-exists", options->if_not_exists, "an existing database is no failure");
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command db_init_command{
    .path = "db init",
    .group = "Store",
    .summary = "Make the database, its key file and the first signing key",
    .examples = "auth-cli db init --if-not-exists\n"
                "auth-cli db init --db ./ci.db --test",
    .bind = bind,
    .fields = fields::database,
};

} // namespace auth
