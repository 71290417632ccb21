#include "cli/output/document.h"
#include "commands/registry.h"
#include "core/audit/audit.h"
#include "core/base/encoding.h"

#include <fmt/format.h>

namespace auth {
namespace {

Result<Reply> run(World& world) {
    AUTH_TRY(auto& realm, world.realm());
    const AuditHead head = audit_head(realm.database);
    Reply reply;
    reply.document = {{"schema", "auth-cli.audit_head/1"},
                      {"rows", head.rows},
                      {"seq", head.seq},
                      {"hash", to_hex(head.hash)}};
    reply.text = fmt::format("{} {}\n", head.rows, to_hex(head.hash));
    return reply;
}

Action bind(Flags&) {
    return run;
}

} // namespace

const Command audit_head_command{
    .path = "audit head",
    .group = "Audit",
    .summary = "Print the anchor of the audit trail, to be kept elsewhere",
    .examples = "auth-cli audit head",
    .bind = bind,
    .fields = fields::audit_head,
};

} // namespace auth
