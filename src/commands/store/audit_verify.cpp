#include "cli/output/document.h"
#include "commands/registry.h"
#include "core/audit/audit.h"

#include <fmt/format.h>

namespace auth {
namespace {

Result<Reply> run(World& world) {
    AUTH_TRY(auto& realm, world.realm());
    const AuditCheck check = verify_audit(realm.database);
    if (!check.problem.empty())
        return fail(ErrorCode::database_corrupt,
                    fmt::format("the audit trail is broken: {}", check.problem),
                    "compare it with a backup");
    Reply reply;
    reply.document = {{"schema", "auth-cli.audit_check/1"}, {"rows", check.rows}};
    reply.note = fmt::format("the audit trail is whole: {} rows", check.rows);
    return reply;
}

Action bind(Flags&) {
    return run;
}

} // namespace

const Command audit_verify_command{
    .path = "audit verify",
    .group = "Store",
    .summary = "Check that no row of the audit trail was changed or removed",
    .examples = "auth-cli audit verify",
    .bind = bind,
    .fields = fields::audit_check,
};

} // namespace auth
