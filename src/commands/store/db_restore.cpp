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
    bool unsealed = false;
    bool yes = false;
};

using Changes = Restore::Changes;

Json records(const Changes& changes) {
    Json out = Json::array();
    for (const auto& [object, name, change] : changes)
        out.push_back({{"object", object}, {"name", name}, {"change", change}});
    return out;
}

std::string in_words(const differences_table::Difference& difference) {
    return printable(fmt::format("{}{}{}: {}", difference.object,
                                 difference.name.empty() ? "" : " ", difference.name,
                                 difference.change));
}

// What is carried over from the database, then what differs from it.
Changes all_of(const Restore::Content& content) {
    Changes out = content.carried;
    out.insert(out.end(), content.differences.begin(), content.differences.end());
    return out;
}

std::string lines(const Changes& changes) {
    std::string out;
    for (const auto& each : changes)
        out += in_words(each) + '\n';
    return out;
}

// What no seal vouches for is looked at by a person first, or by whoever says --yes.
Status consent_to_unsealed(World& world, const Changes& changes, std::string_view question) {
    if (world.interactive())
        return confirm(world,
                       fmt::format("No seal vouches for the backup. It would change:\n{}{}",
                                   lines(changes), question),
                       "--yes");
    constexpr std::size_t most = 20;
    Error asked = error(ErrorCode::input_required,
                        "no confirmation was given: no seal vouches for the backup");
    for (const auto& each : changes) {
        asked.problems.push_back({each.object, each.name, each.change});
        if (asked.problems.size() <= most)
            asked.message +=
                (asked.problems.size() == 1 ? ", which would change " : ", ") + in_words(each);
    }
    if (changes.size() > most)
        asked.message += fmt::format(" and {} more", changes.size() - most);
    asked.hint = "look at what would change with --dry-run, and give it with --yes";
    return fail(std::move(asked));
}

Status consent(World& world, const Options& options, const Restore::Content& content,
               const std::filesystem::path& database, const std::string& what) {
    const std::string question =
        fmt::format("Replace the database '{}' by {}?", printable(database.string()), what);
    if (world.dry_run)
        return {};
    if (!content.sealed && !options.yes)
        return consent_to_unsealed(world, content.differences, question);
    if (file_state(database).present && !options.replace && !options.yes)
        return confirm(world, question, "--replace");
    return {};
}

Json document_of(const Options& options, const Restore::Content& content, const fs::path& database,
                 const KeySource& key) {
    return {{"schema", "auth-cli.restore/1"},
            {"file", options.file},
            {"location", database.string()},
            {"database_id", content.meta.database_id},
            {"test", content.meta.test},
            {"schema_version", content.schema_version},
            {"users", content.users},
            {"audit_rows", content.audit_rows},
            {"ended_sessions", content.ended_sessions},
            {"sealed", content.sealed},
            {"differences", records(all_of(content))},
            {"key_file", or_null(key.file().string())},
            {"kept_aside", nullptr},
            {"changed", true}};
}

Result<Reply> run(World& world, const Options& options) {
    AUTH_CHECK(require_file_database(
        world, "db restore",
        fmt::format("pg_restore --clean --if-exists --single-transaction {} --dbname",
                    shell_word(options.file))));
    AUTH_TRY(const fs::path database, world.places().database_path());
    AUTH_TRY(const KeySource key, world.places().key_source());
    AUTH_TRY(Restore restore, Restore::prepare({options.file, database, key, options.key_from,
                                                world.surroundings.actor, options.unsealed},
                                               world.settings, world.clock(), world.random()));
    const Restore::Content& content = restore.content();
    const std::string what = fmt::format(
        "{} with {} and {}", content.meta.test ? "the backup of a test database" : "the backup",
        counted(content.users, "user"), counted(content.audit_rows, "audit row"));
    AUTH_CHECK(consent(world, options, content, database, what));
    Reply reply;
    reply.document = document_of(options, content, database, key);
    reply.text = lines(all_of(content));
    reply.note = fmt::format("restored '{}' from {}; {} ended", printable(database.string()), what,
                             counted(content.ended_sessions, "session"));
    if (!content.compared)
        reply.note +=
            "; no database could be compared with it, so recovery codes and the app codes up to now"
            " are void, and a new signing key signs: what was revoked, disabled, locked or changed"
            " after the backup is unknown";
    else if (!content.trail_kept)
        reply.note += "; the audit trail of the database was broken, so that of the backup goes on";
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
    flags.flag("--unsealed", options->unsealed,
               "restore a copy that db backup did not seal, or that was altered since");
    flags.flag("-y,--yes", options->yes, "do not ask, whatever would change");
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command db_restore_command{
    .path = "db restore",
    .group = "Store",
    .summary = "Put a backup in the place of the database, once it has been checked",
    .examples = "auth-cli db backup auth-backup.db\n"
                "auth-cli db restore auth-backup.db --dry-run\n"
                "auth-cli db restore auth-backup.db --replace\n"
                "auth-cli db restore auth-backup.db --unsealed --dry-run",
    .mutates = true,
    .bind = bind,
    .fields = fields::restore,
};

} // namespace auth
