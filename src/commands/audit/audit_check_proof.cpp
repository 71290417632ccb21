#include "cli/input/ask.h"
#include "cli/output/document.h"
#include "commands/audit/audit_view.h"
#include "commands/registry.h"
#include "core/base/private_file.h"
#include "core/base/text.h"
#include "core/trail/row_proof.h"

#include <fmt/format.h>

namespace auth {
namespace {

constexpr std::size_t longest_proof = std::size_t{16} << 20U;

struct Options {
    std::string file;
    std::string jwks;
};

Result<Secret> read_proof(World& world, const std::string& file) {
    if (file == "-")
        return world.take_stdin("proof", longest_proof);
    AUTH_CHECK(world.require_operator("naming a proof"));
    return read_file("proof", file, longest_proof);
}

bool is_erased(const AuditRow& row) {
    return row.digest && !row.salt;
}

std::string in_lines(World& world, const RowProof& proof) {
    const AuditRow& row = proof.row;
    const Checkpoint& checkpoint = proof.checkpoint.checkpoint;
    const std::string proven = fmt::format(
        "row {} is genuine: it is one of the {} that the audit log of {} had at {}\n", row.seq,
        counted(checkpoint.size, "row"), checkpoint.database_id, show_time(world, checkpoint.at));
    return proven + name_value_lines({{"at", show_time(world, row.at)},
                                      {"actor", printable(row.actor)},
                                      {"event", printable(row.event)},
                                      {"target", printable(row.target)},
                                      {"result", printable(row.result)},
                                      {"detail", is_erased(row) ? "erased" : printable(row.detail)},
                                      {"issuer", printable(checkpoint.issuer)},
                                      {"signed by", printable(proof.checkpoint.kid)}});
}

Result<Reply> run(World& world, const Options& options) {
    AUTH_TRY(const Secret jwks, read_key_file(world, "key file", options.jwks));
    AUTH_TRY(FindKey keys, checkpoint_keys(jwks.reveal()));
    AUTH_TRY(const Secret text, read_proof(world, options.file));
    AUTH_TRY(const RowProof proof, check_proof(text.reveal(), std::move(keys)));
    Reply reply;
    reply.document = {{"schema", "auth-cli.audit_proven/1"},
                      {"row", audit_record(proof.row)},
                      {"index", proof.index},
                      {"detail_erased", is_erased(proof.row)},
                      {"checkpoint", checkpoint_record(proof.checkpoint)}};
    reply.text = in_lines(world, proof);
    return reply;
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.argument("FILE", options->file, "the proof; - is stdin");
    flags.option("--jwks", options->jwks, "FILE", "the keys that the database published");
    flags.required("--jwks");
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command audit_check_proof_command{
    .path = "audit check-proof",
    .group = "Audit",
    .summary = "Check a proof of an audit row, without any database",
    .examples = "auth-cli key export --jwks > keys.json\n"
                "auth-cli audit prove 1 > proof.json\n"
                "auth-cli audit check-proof proof.json --jwks keys.json",
    .bind = bind,
    .fields = fields::audit_proven,
    .needs_settings = false,
};

} // namespace auth
