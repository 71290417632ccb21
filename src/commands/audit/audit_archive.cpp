#include "cli/output/document.h"
#include "cli/output/progress.h"
#include "commands/registry.h"
#include "core/base/encoding.h"
#include "core/base/text.h"
#include "core/trail/archive.h"

#include <fmt/format.h>

namespace auth {
namespace {

struct Options {
    std::string file;
    std::string before;
};

Json document_of(const Options& options, Time before, const std::optional<AuditArchive>& archive) {
    return {{"schema", "auth-cli.audit_archived/1"},
            {"file", archive ? Json(options.file) : Json()},
            {"number", archive ? Json(archive->number) : Json()},
            {"before", to_rfc3339(before)},
            {"rows", archive ? archive->rows : 0},
            {"last_seq", archive ? Json(archive->last_seq) : Json()},
            {"sha256", archive ? Json(to_hex(archive->digest)) : Json()},
            {"changed", archive.has_value()}};
}

Result<Reply> run(World& world, const Options& options) {
    if (options.file == "-")
        return fail(error(ErrorCode::usage, "an archive goes into a file, and not to stdout")
                        .with_field("file")
                        .with_hint("name a file, or ./- for one that is called so"));
    AUTH_TRY(const Time before, parse_time(options.before, world.clock().now()));
    AUTH_TRY(auto& realm, world.realm());
    std::optional<AuditArchive> archive;
    {
        Progress progress(world, "rows");
        AUTH_TRY(archive, archive_rows(realm, {options.file, before, [&](std::int64_t rows) {
                                                   progress.update(rows, -1);
                                               }}));
    }
    Reply reply;
    reply.document = document_of(options, before, archive);
    reply.note =
        archive
            ? fmt::format("archived {} up to number {} in '{}'; keep the file: 'delete' cannot"
                          " erase details in it",
                          counted(archive->rows, "row"), archive->last_seq, printable(options.file))
            : fmt::format("no changes: no row is older than {}", to_rfc3339(before));
    return reply;
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.argument("FILE", options->file, "new file for the rows; made with mode 600");
    flags.option("--before", options->before, "TIME", "archive the rows older than this");
    flags.required("--before");
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command audit_archive_command{
    .path = "audit archive",
    .group = "Audit",
    .summary = "Move old rows of the audit log to a sealed file",
    .examples = "auth-cli audit archive audit-2025.jsonl --before 2026-01-01\n"
                "auth-cli audit archive audit-old.jsonl --before -90d --dry-run",
    .mutates = true,
    .bind = bind,
    .fields = fields::audit_archived,
};

} // namespace auth
