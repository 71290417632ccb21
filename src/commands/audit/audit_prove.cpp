#include "cli/output/document.h"
#include "commands/registry.h"
#include "core/base/text.h"
#include "core/trail/row_proof.h"

#include <fmt/format.h>

namespace auth {
namespace {

struct Options {
    std::string seq;
    std::vector<std::string> archives;
};

Result<Reply> run(World& world, const Options& options) {
    const auto seq = parse_integer(options.seq);
    if (!seq || *seq < 1)
        return fail(error(ErrorCode::usage, fmt::format("invalid row number {}: must be a whole"
                                                        " number from 1",
                                                        in_quotes(options.seq)))
                        .with_field("seq")
                        .with_hint(NextStep{"audit list"}));
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const RowProof proof,
             prove_row(realm, *seq, {options.archives.begin(), options.archives.end()}));
    Reply reply;
    AUTH_TRY(reply.document, to_json(proof));
    reply.text = reply.document.dump() + "\n";
    return reply;
}

Action bind(Flags& flags) {
    auto options = std::make_shared<Options>();
    flags.argument("SEQ", options->seq, "number of the row");
    flags.list("--archive", options->archives, "FILE", "the archive that has the row");
    return [options](World& world) { return run(world, *options); };
}

} // namespace

const Command audit_prove_command{
    .path = "audit prove",
    .group = "Audit",
    .summary = "Print a proof that one row is in the audit log",
    .examples = "auth-cli audit prove 1 > proof.json\n"
                "auth-cli key export --jwks > keys.json\n"
                "auth-cli audit check-proof proof.json --jwks keys.json",
    .bind = bind,
    .fields = fields::audit_proof,
};

} // namespace auth
