#include "core/audit/audit_table.h"

namespace auth::audit_table {

AuditHead head(Database& database) {
    Statement& row = database.prepare("SELECT seq, hash FROM audit_head WHERE id = 1");
    const auto found = row.first([](const Statement& at) {
        return AuditHead{at.integer(0), at.blob(1)};
    });
    if (!found)
        throw Failure(error(ErrorCode::database_corrupt, "the audit trail has lost its head"));
    return *found;
}

void append(Database& database, const AuditRow& row) {
    Statement& insert =
        database.prepare("INSERT INTO audit (seq, at, actor, event, target, result, detail, hash)"
                         " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
    insert.with(row.seq, row.at, row.actor, row.event, row.target, row.result, row.detail);
    insert.bind_blob(8, row.hash).run();
}

void set_head(Database& database, const AuditHead& head) {
    database.prepare("UPDATE audit_head SET seq = ?1, hash = ?2 WHERE id = 1")
        .bind(1, head.seq)
        .bind_blob(2, head.hash)
        .run();
}

void each(Database& database, const AuditFilter& filter,
          const std::function<void(const AuditRow&)>& show) {
    // Without a limit the rows stream; the latest N need a sort.
    constexpr std::string_view all =
        "SELECT seq, at, actor, event, target, result, detail, hash FROM audit"
        " WHERE (?1 = '' OR target = ?1) AND (?2 = '' OR event = ?2) AND at >= ?3 ORDER BY seq";
    constexpr std::string_view latest =
        "SELECT seq, at, actor, event, target, result, detail, hash FROM"
        " (SELECT * FROM audit WHERE (?1 = '' OR target = ?1) AND (?2 = '' OR event = ?2)"
        "  AND at >= ?3 ORDER BY seq DESC LIMIT ?4) AS latest ORDER BY seq";
    Statement& rows = database.prepare(filter.limit > 0 ? latest : all);
    rows.with(filter.target, filter.event, filter.since ? unix_seconds(*filter.since) : 0);
    if (filter.limit > 0)
        rows.bind(4, filter.limit);
    while (rows.step())
        show({rows.integer(0), rows.time(1), rows.text(2), rows.text(3), rows.text(4), rows.text(5),
              rows.text(6), rows.blob(7)});
}

} // namespace auth::audit_table
