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

// Its key file, and whatever else that opens.
std::string with_key(const Vault& vault, const NewKey::Existing& existing) {
    if (existing.databases.empty())
        return fmt::format("{} key '{}'", existing.used ? "the existing" : "its", vault.key_name());
    return fmt::format("the existing key '{}', which also opens '{}'", vault.key_name(),
                       fmt::join(existing.databases, "', '"));
}

Result<Reply> init_reply(World& world, const std::optional<NewKey::Existing>& made) {
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const std::string name, world.places().database_name());
    Reply reply;
    reply.document = database_document(realm, world.store().meta());
    reply.document["changed"] = made.has_value();
    reply.note = fmt::format("{} '{}' with {}", made ? "made" : "no changes:", name,
                             with_key(realm.vault, made.value_or(NewKey::Existing{})));
    return reply;
}

Result<Reply> run(World& world, const Options& options) {
    const auto made = world.store().make(options.test);
    if (made)
        return init_reply(world, *made);
    if (made.error().code != ErrorCode::exists || !options.if_not_exists)
        return fail(made.error());
    AUTH_TRY(const auto& realm, world.realm());
    if (options.test != realm.test)
        return fail(
            error(ErrorCode::refused, realm.test ? "the database that is there is a test database"
                                                 : "the database that is there is no test database")
                .with_reason("other_kind")
                .with_hint(NextStep{"db status"}));
    return init_reply(world, std::nullopt);
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.flag("--test", options->test,
               "mark it permanently as a test database: cheap hashes, a relaxed policy");
    flags.flag("--if-not-exists", options->if_not_exists, "an existing database is not an error");
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
