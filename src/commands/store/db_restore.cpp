#include "cli/input/ask.h"
#include "cli/output/document.h"
#include "commands/registry.h"
#include "commands/store/file_database.h"
#include "core/base/file_state.h"
#include "core/base/text.h"
#include "core/upkeep/restore.h"

#include <fmt/format.h>

namespace auth {
namespace {

namespace fs = std::filesystem;

struct Options {
    std::string file;
    std::string key_from;
    bool replace = false;
};

Json document_of(const Options& options, const Restore::Content& content, const fs::path& database,
                 const fs::path& key) {
    return {{"schema", "auth-cli.restore/1"},
            {"file", options.file},
            {"location", database.string()},
            {"database_id", content.meta.database_id},
            {"test", content.meta.test},
            {"schema_version", content.schema_version},
            {"users", content.users},
            {"audit_rows", content.audit_rows},
            {"ended_sessions", content.ended_sessions},
            {"key_file", key.string()},
            {"kept_aside", nullptr},
            {"changed", true}};
}

Result<Reply> run(World& world, const Options& options) {
    AUTH_CHECK(require_file_database(
        world, "db restore",
        fmt::format("pg_restore --clean --if-exists --single-transaction {} --dbname",
                    shell_word(options.file))));
    AUTH_TRY(const fs::path database, world.places().database_path());
    AUTH_TRY(const fs::path key, world.places().key_path());
    AUTH_TRY(Restore restore, Restore::prepare({options.file, database, key, options.key_from,
                                                world.surroundings.actor},
                                               world.settings, world.clock(), world.random()));
    const Restore::Content& content = restore.content();
    const std::string what = fmt::format(
        "{} with {} and {}", content.meta.test ? "the backup of a test database" : "the backup",
        counted(content.users, "user"), counted(content.audit_rows, "audit row"));
    if (file_state(database).present && !options.replace && !world.dry_run)
        AUTH_CHECK(confirm(
            world,
            fmt::format("Replace the database '{}' by {}?", printable(database.string()), what),
            "--replace"));
    Reply reply;
    reply.document = document_of(options, content, database, key);
    reply.note = fmt::format("restored '{}' from {}; {} ended", printable(database.string()), what,
                             counted(content.ended_sessions, "session"));
    if (world.dry_run)
        return reply;
    AUTH_TRY(const fs::path aside, restore.finish());
    if (!aside.empty()) {
        reply.document["kept_aside"] = aside.string();
        reply.note += fmt::format("; what was there is damaged, and now called '{}'",
                                  printable(aside.string()));
    }
    return reply;
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.argument("FILE", options->file, "what db backup wrote");
    flags.option("--key-from", options->key_from, "FILE",
                 "a copy of the key file, where there is none at its place");
    flags.flag("--replace", options->replace, "take the place of the database that is there");
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command db_restore_command{
    .path = "db restore",
    .group = "Store",
    .summary = "Put a backup in the place of the database, once it has been checked",
    .examples = "auth-cli db backup auth-backup.db\n"
                "auth-cli db restore auth-backup.db --dry-run\n"
                "auth-cli db restore auth-backup.db --replace",
    .mutates = true,
    .bind = bind,
    .fields = fields::restore,
};

} // namespace auth
