#include "commands/registry.h"
#include "commands/views.h"
#include "core/audit/audit.h"

#include <fmt/format.h>

namespace auth {
namespace {

Result<Reply> run(World& world) {
    const AuditCheck check = verify_audit(world.realm().database);
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
    "audit verify",          "Store", "Check that no row of the audit trail was changed or removed",
    "auth-cli audit verify", false,   bind,
    fields::audit_check,
};

} // namespace auth
