#include "commands/audit/audit_view.h"
#include "commands/registry.h"
#include "core/trail/trail_check.h"

namespace auth {
namespace {

Result<Reply> run(World& world) {
    AUTH_TRY(auto& realm, world.realm());
    AUTH_TRY(const SignedCheckpoint note, make_checkpoint(realm));
    Reply reply;
    reply.document = {{"schema", "auth-cli.audit_checkpoint/1"}};
    reply.document.update(checkpoint_record(note));
    reply.document["checkpoint"] = note.text;
    reply.text = note.text + "\n";
    return reply;
}

Action bind(Flags&) {
    return run;
}

} // namespace

const Command audit_checkpoint_command{
    .path = "audit checkpoint",
    .group = "Audit",
    .summary = "Print a signed note of how far the audit log has come",
    .examples = "auth-cli audit checkpoint > checkpoint.jws\n"
                "auth-cli key export --jwks > keys.json",
    .bind = bind,
    .fields = fields::audit_checkpoint,
};

} // namespace auth
