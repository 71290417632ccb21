#include "cli/next_step.h"
#include "cli/output/document.h"
#include "cli/output/progress.h"
#include "commands/registry.h"
#include "core/base/text.h"
#include "core/settings/setting.h"
#include "core/store/postgres_url.h"
#include "core/upkeep/rekey.h"

#include <fmt/format.h>

namespace auth {
namespace {

namespace fs = std::filesystem;

struct Options {
    bool finish = false;
    std::string new_key_file;
};

Json document_of(std::string_view state, const fs::path& key, const fs::path& old) {
    Json out = {{"schema", "auth-cli.rekey/1"}, {"state", state}};
    for (const Member& member : fields::rekey)
        if (!out.contains(member.name))
            out[std::string(member.name)] = nullptr;
    out["key_file"] = or_null(key.string());
    out["old_key_file"] = or_null(old.string());
    out["changed"] = state != "unchanged";
    return out;
}

// What could not be carried over, and nothing else.
std::string losses(const Rekeyed& done) {
    std::string out;
    const auto say = [&](std::string_view act, std::int64_t count, std::string_view what) {
        if (count > 0)
            out += fmt::format("; {} {}", act, counted(count, what));
    };
    say("voided", done.codes, "code");
    say("voided", done.links, "login link");
    say("dropped", done.dropped_counters, "counter");
    if (done.dropped_counters > 0)
        out += " of addresses that nobody has";
    say("forgot", done.places, "login place");
    return out;
}

// What is left for the operator to do.
std::string next_act(World& world, const Realm& realm, const Rekeyed& done) {
    const auto typed = [&](const NextStep& step) {
        return printable(as_typed(step, given_flags(world.settings)));
    };
    if (!realm.vault.source().is_file())
        return fmt::format("; put the new key where {} comes from; until then, give --key-file {}",
                           realm.vault.source().name(),
                           shell_word(printable(done.key_file.string())));
    std::string next =
        fmt::format("; the old key is kept in '{}'; when everything works: {}",
                    printable(done.old_key_file.string()), typed({"db rekey", {"--finish"}}));
    if (is_postgres_url(world.settings.get(setting<"db">)))
        next += "; copy the new key file to every machine that uses the database";
    return next;
}

Reply rekeyed_reply(World& world, const Realm& realm, const Rekeyed& done) {
    Reply reply;
    reply.document =
        document_of(done.completed ? "completed" : "rekeyed", done.key_file, done.old_key_file);
    if (!done.completed)
        reply.document.update({{"sealed", done.sealed},
                               {"counters", done.counters},
                               {"dropped_counters", done.dropped_counters},
                               {"recovery_codes", done.recovery_codes},
                               {"void_codes", done.codes},
                               {"void_links", done.links},
                               {"forgotten_places", done.places}});
    const std::string key = in_quotes(done.key_file.string());
    reply.note =
        done.completed
            ? fmt::format("completed the rekey that was cut off: the new key is in {}", key)
            : fmt::format("the database has a new key, in {}: {} sealed anew, {} kept{}", key,
                          counted(done.sealed, "value"), counted(done.counters, "counter"),
                          losses(done));
    reply.note += next_act(world, realm, done);
    return reply;
}

Result<Reply> finish(World& world) {
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const auto removed, finish_rekey(realm));
    const fs::path key = realm.vault.source().file();
    Reply reply;
    reply.document = document_of(removed ? "finished" : "unchanged", key, removed.value_or(""));
    reply.note = removed ? fmt::format("the key opens everything; removed the old one, '{}';"
                                       " backups from before need a copy of it",
                                       printable(removed->string()))
                         : "no changes: no old key is kept";
    return reply;
}

Result<Reply> run(World& world, const Options& options) {
    if (options.finish && !options.new_key_file.empty())
        return fail(
            error(ErrorCode::usage, "--finish takes no new key").with_field("new-key-file"));
    if (options.finish)
        return finish(world);
    AUTH_TRY(auto& realm, world.realm());
    const auto expected = static_cast<double>(rows_to_rekey(realm.database));
    Progress progress(world, "rows");
    AUTH_TRY(const auto done,
             rekey(realm, {.new_key_file = options.new_key_file, .progress = [&](auto rows) {
                               progress.update(rows, static_cast<double>(rows) / expected);
                               return !world.interrupted();
                           }}));
    if (!done)
        return fail(ErrorCode::cancelled, "interrupted; the key was not changed");
    progress.clear();
    return rekeyed_reply(world, realm, *done);
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.flag("--finish", options->finish, "remove the old key, after a check of the new one");
    flags.option("--new-key-file", options->new_key_file, "FILE",
                 "take the new key from there; made if there is no such file");
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command db_rekey_command{
    .path = "db rekey",
    .group = "Store",
    .summary = "Replace the database's key; the old one is kept until --finish",
    .examples = "auth-cli db rekey --dry-run\n"
                "auth-cli db rekey\n"
                "auth-cli db rekey --finish",
    .mutates = true,
    .bind = bind,
    .fields = fields::rekey,
};

} // namespace auth
