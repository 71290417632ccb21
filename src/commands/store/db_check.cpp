#include "cli/output/document.h"
#include "commands/meta/doctor.h"
#include "commands/registry.h"
#include "core/audit/audit.h"
#include "core/base/text.h"
#include "core/keys/signing_key.h"
#include "core/upkeep/sealed_table.h"

#include <fmt/format.h>

namespace auth {
namespace {

std::vector<std::string> findings(Realm& realm) {
    std::vector<std::string> problems;
    for (IntegrityProblem& problem : realm.database.integrity_problems())
        problems.push_back(std::move(problem.what));
    if (const AuditCheck audit = verify_audit(realm.database); !audit.problem.empty())
        problems.push_back("audit trail: " + audit.problem);
    try {
        const auto altered = sealed_table::altered(realm.database, realm.vault);
        if (!altered) {
            problems.push_back(altered.error().message);
            return problems;
        }
        for (const sealed_table::Altered& each : *altered)
            problems.push_back(sealed_table::in_words(each));
        if (altered->empty())
            if (const auto key = current_signing_key(realm); !key)
                problems.push_back(key.error().message);
    } catch (const Failure& failure) {
        problems.push_back(failure.error().message);
    }
    return problems;
}

Result<Reply> run(World& world) {
    AUTH_TRY(auto& realm, world.realm());
    const std::vector<std::string> problems = findings(realm);
    if (!problems.empty())
        return fail(ErrorCode::database_corrupt,
                    fmt::format("{}: {}",
                                counted(static_cast<std::int64_t>(problems.size()), "problem"),
                                fmt::join(problems, "; ")),
                    "restore the database and its key from a backup");
    Reply reply;
    reply.document = {{"schema", "auth-cli.check/1"}, {"problems", Json::array()}};
    reply.note = "the database, its key and its audit trail are sound";
    return reply;
}

Action bind(Flags&) {
    return run;
}

} // namespace

const Command db_check_command{
    .path = "db check",
    .group = "Store",
    .summary = "Check the database, its key and the audit trail",
    .examples = "auth-cli db check",
    .bind = bind,
    .fields = fields::check,
};

} // namespace auth
