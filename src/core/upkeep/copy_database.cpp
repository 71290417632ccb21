#include "core/upkeep/copy_database.h"

#include "core/audit/audit.h"
#include "core/store/migrations.h"

#include <fmt/format.h>

namespace auth {
namespace {

Status compare(Database& from, Database& to, const std::vector<copy_table::Copied>& tables) {
    const auto differ = [&](std::string_view what) {
        return fail(ErrorCode::database_corrupt,
                    fmt::format("the copy in '{}' differs in {}", to.location(), what));
    };
    for (const auto& [table, rows] : tables)
        if (copy_table::count(from, table) != rows || copy_table::count(to, table) != rows)
            return differ(fmt::format("the number of rows in {}", table));
    const AuditHead source = audit_head(from);
    const AuditHead target = audit_head(to);
    if (source.rows != target.rows || source.hash != target.hash)
        return differ("the end of the audit trail");
    if (const AuditCheck check = verify_audit(to); !check.problem.empty())
        return differ(fmt::format("the audit trail: {}", check.problem));
    return {};
}

void note(Realm& from, std::string_view name, bool copied) {
    record_alone(from, {"database_copied", name, copied});
}

Result<std::optional<std::vector<copy_table::Copied>>>
copy_rows(Realm& from, Database& to, const std::function<bool(std::int64_t)>& progress) {
    const Snapshot snapshot(from.database);
    Transaction transaction(to);
    AUTH_CHECK(migrate(to));
    AUTH_TRY(auto copied, copy_table::copy(from.database, to, progress));
    if (!copied)
        return std::nullopt;
    AUTH_CHECK(compare(from.database, to, *copied));
    transaction.commit();
    return copied;
}

} // namespace

Result<std::optional<std::vector<copy_table::Copied>>>
copy_database(Realm& from, Database& to, std::string_view name,
              const std::function<bool(std::int64_t)>& progress) {
    if (const AuditCheck check = verify_audit(from.database); !check.problem.empty())
        return fail(ErrorCode::database_corrupt,
                    fmt::format("the audit trail of '{}' does not hold together: {}",
                                from.database.location(), check.problem),
                    NextStep{"doctor"});
    note(from, name, true);
    try {
        auto copied = copy_rows(from, to, progress);
        if (!copied || !*copied)
            note(from, name, false);
        return copied;
    } catch (...) {
        try {
            note(from, name, false);
        } catch (const std::exception&) { // what went wrong first is what is told
        }
        throw;
    }
}

} // namespace auth
