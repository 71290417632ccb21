#include "cli/output/document.h"
#include "commands/registry.h"
#include "commands/store/file_database.h"
#include "core/audit/audit.h"
#include "core/base/text.h"
#include "core/upkeep/backup.h"

#include <fmt/format.h>

namespace auth {
namespace {

struct Options {
    std::string file;
    std::string key_copy;
    bool replace = false;
};

// The copy opens what the database seals: that it was made is recorded before it is.
Status copy_key(World& world, const std::string& file) {
    AUTH_TRY(auto& realm, world.realm());
    record_alone(realm, {"key_file_copied", "", true, {{"by", "operator"}, {"file", file}}});
    return back_up_key(realm.vault.key_path(), file);
}

Result<Reply> run(World& world, const Options& options) {
    AUTH_CHECK(
        require_file_database(world, "db backup",
                              fmt::format("pg_dump --format=custom --schema=auth_cli --file={}",
                                          shell_word(options.file))));
    for (const std::string* each : {&options.file, &options.key_copy})
        if (*each == "-")
            return fail(ErrorCode::usage, "a backup goes into a file, and not to stdout",
                        "name a file, or ./- for one that is called so");
    if (options.file == options.key_copy)
        return fail(error(ErrorCode::usage, "the backup and the key would be one file")
                        .with_field("key-copy"));
    AUTH_TRY(const auto& realm, world.realm());
    AUTH_TRY(const std::filesystem::path database, world.places().database_path());
    AUTH_CHECK(realm.vault.require_key());
    const std::filesystem::path key_file = realm.vault.key_path();
    if (!options.key_copy.empty() && key_file.empty())
        return fail(error(ErrorCode::usage,
                          fmt::format("{} is not in a file to copy", realm.vault.key_name()))
                        .with_field("key-copy"));
    BackupOrder order{database, options.file, options.replace, world.dry_run};
    if (!options.key_copy.empty())
        AUTH_CHECK(check_key_copy(key_file, options.key_copy));
    AUTH_TRY(const std::uintmax_t size, back_up(order, realm.vault, world.random()));
    // A key without its backup would lie about for nothing.
    if (!options.key_copy.empty() && !world.dry_run)
        AUTH_CHECK(copy_key(world, options.key_copy));
    Reply reply;
    reply.document = {{"schema", "auth-cli.backup/1"},
                      {"file", options.file},
                      {"bytes", size},
                      {"database_id", world.store().meta().database_id},
                      {"key_file", or_null(key_file.string())},
                      {"key_copy", or_null(options.key_copy)},
                      {"changed", true}};
    const std::string key =
        options.key_copy.empty()
            ? fmt::format("it is of no use without {}, which is"
                          " not in it: keep a copy of that elsewhere",
                          key_file.empty() ? realm.vault.key_name()
                                           : fmt::format("the key file '{}'", key_file.string()))
            : fmt::format("its key is in '{}': keep the two apart", options.key_copy);
    reply.note =
        fmt::format("backed up the database to '{}'; {}", printable(options.file), printable(key));
    return reply;
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.argument("FILE", options->file, "where to; made with mode 600");
    flags.option("--key-copy", options->key_copy, "FILE", "copy the key file there as well");
    flags.flag("--replace", options->replace, "take the place of an earlier backup");
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command db_backup_command{
    .path = "db backup",
    .group = "Store",
    .summary = "Copy the whole database into a file while it is in use",
    .examples = "auth-cli db backup auth-backup.db\n"
                "auth-cli db backup auth-backup.db --replace --key-copy usb/auth.key",
    .mutates = true,
    .bind = bind,
    .fields = fields::backup,
};

} // namespace auth
