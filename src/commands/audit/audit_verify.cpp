#include "cli/output/document.h"
#include "commands/audit/audit_view.h"
#include "commands/registry.h"
#include "core/base/private_file.h"
#include "core/base/text.h"
#include "core/trail/trail_check.h"

#include <fmt/format.h>

namespace auth {
namespace {

constexpr std::size_t longest_note = std::size_t{64} << 10U;

struct Options {
    std::vector<std::string> archives;
    std::vector<std::string> more; // what a shell's pattern behind --archive left over
    std::string checkpoint;
};

Result<std::optional<SignedCheckpoint>> note_of(World& world, Realm& realm,
                                                const std::string& file) {
    if (file.empty())
        return std::nullopt;
    AUTH_TRY(Secret text, file == "-" ? world.take_stdin("checkpoint", longest_note)
                                      : read_file("checkpoint", file, longest_note));
    std::string_view note = text.reveal();
    while (note.ends_with('\n') || note.ends_with('\r'))
        note.remove_suffix(1);
    AUTH_TRY(auto read, read_checkpoint(note, checkpoint_keys(realm)));
    return std::optional(std::move(read));
}

std::string in_words(const TrailCheck& check, const std::optional<SignedCheckpoint>& note) {
    std::string out = fmt::format("the audit trail is whole: {}", counted(check.rows, "row"));
    if (check.archived > 0)
        out +=
            fmt::format("; {} before them in {}, which {} not read", counted(check.archived, "row"),
                        counted(check.archives, "archive"), check.archives == 1 ? "was" : "were");
    if (note)
        out += fmt::format("; it has all {} of the checkpoint of {}",
                           counted(note->checkpoint.size, "row"), to_rfc3339(note->checkpoint.at));
    return out;
}

Result<Reply> run(World& world, const Options& options) {
    if (!options.more.empty() && options.archives.empty())
        return fail(error(ErrorCode::usage,
                          fmt::format("unexpected argument {}", in_quotes(options.more.front())))
                        .with_hint("name archives with --archive"));
    std::vector<std::filesystem::path> archives(options.archives.begin(), options.archives.end());
    archives.insert(archives.end(), options.more.begin(), options.more.end());
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const auto note, note_of(world, realm, options.checkpoint));
    AUTH_TRY(const TrailCheck check,
             check_trail(realm, archives, note ? std::optional(note->checkpoint) : std::nullopt));
    Reply reply;
    reply.document = {{"schema", "auth-cli.audit_check/1"},
                      {"rows", check.rows},
                      {"archived_rows", check.archived},
                      {"checkpoint", note ? checkpoint_record(*note) : Json()}};
    reply.note = in_words(check, note);
    return reply;
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.list("--archive", options->archives, "FILE",
               "read archived rows as well; name every archive");
    flags.optional_arguments("FILE", options->more, "more archives, as in --archive audit-*.jsonl");
    flags.option("--checkpoint", options->checkpoint, "FILE",
                 "check that no row of this earlier checkpoint is gone; - is stdin");
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command audit_verify_command{
    .path = "audit verify",
    .group = "Audit",
    .summary = "Check that no row of the audit trail was changed or removed",
    .examples = "auth-cli audit verify\n"
                "auth-cli audit checkpoint > checkpoint.jws\n"
                "auth-cli audit verify --checkpoint checkpoint.jws",
    .bind = bind,
    .fields = fields::audit_check,
};

} // namespace auth
