#include "core/audit/audit.h"

#include "core/audit/audit_table.h"
#include "core/base/digest.h"

#include <fmt/format.h>

namespace auth {
namespace {

// The hash covers the row and everything before it. A JSON array keeps the fields apart.
std::string chain(std::string_view previous, const AuditRow& row) {
    const Json fields = {row.seq,    unix_seconds(row.at), row.actor, row.event,
                         row.target, row.result,           row.detail};
    return sha256(std::string(previous) +
                  fields.dump(-1, ' ', false, Json::error_handler_t::replace));
}

} // namespace

AuditBatch::AuditBatch(Realm& realm)
    : realm_(realm), head_(audit_head(realm.database)) {}

void AuditBatch::record(const AuditEvent& event) {
    AuditRow row;
    row.seq = head_.seq + 1;
    row.at = realm_.now();
    if (event.actor.empty() && actor_.empty())
        actor_ = realm_.actor();
    row.actor = event.actor.empty() ? actor_ : event.actor;
    row.event = event.event;
    row.target = event.target;
    row.result = event.ok ? "ok" : "fail";
    row.detail = event.detail.dump();
    row.hash = chain(head_.hash, row);
    audit_table::append(realm_.database, row);
    head_ = {row.seq, std::move(row.hash)};
}

void AuditBatch::finish() {
    audit_table::set_head(realm_.database, head_);
}

void record(Realm& realm, const AuditEvent& event) {
    AuditBatch batch(realm);
    batch.record(event);
    batch.finish();
}

AuditHead audit_head(Database& database) {
    return audit_table::head(database);
}

AuditCheck verify_audit(Database& database) {
    const Snapshot snapshot(database);
    AuditCheck check;
    std::string previous(32, '\0');
    audit_table::each(database, {}, [&](const AuditRow& row) {
        if (!check.problem.empty())
            return;
        ++check.rows;
        if (row.seq != check.rows)
            check.problem = fmt::format("row {} is missing", check.rows);
        else if (chain(previous, row) != row.hash)
            check.problem = fmt::format("row {} was altered", row.seq);
        previous = row.hash;
    });
    const AuditHead head = audit_head(database);
    if (check.problem.empty() && (head.seq != check.rows || head.hash != previous))
        check.problem =
            fmt::format("the trail ends at row {}, its head says {}", check.rows, head.seq);
    return check;
}

void list_audit(Database& database, const AuditFilter& filter,
                const std::function<void(const AuditRow&)>& show) {
    audit_table::each(database, filter, show);
}

} // namespace auth
