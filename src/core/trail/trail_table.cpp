#include "core/trail/trail_table.h"

namespace auth::trail_table {

std::int64_t newest_seq(Database& database) {
    return database.prepare("SELECT coalesce(max(seq), 0) FROM audit")
        .first([](const Statement& row) { return row.integer(0); })
        .value_or(0);
}

std::optional<std::int64_t> first_seq_since(Database& database, Time time) {
    return database.prepare("SELECT seq FROM audit WHERE at >= ?1 ORDER BY seq LIMIT 1")
        .with(time)
        .first([](const Statement& row) { return row.integer(0); });
}

Prefix prefix(Database& database, std::int64_t last_seq) {
    return database.prepare("SELECT count(*), count(*) - count(salt) FROM audit WHERE seq <= ?1")
        .with(last_seq)
        .first([](const Statement& row) {
            return Prefix{row.integer(0), row.integer(1)};
        })
        .value_or(Prefix{});
}

void remove_prefix(Database& database, std::int64_t last_seq) {
    database.prepare("DELETE FROM audit WHERE seq <= ?1").with(last_seq).run();
}

bool has_row(Database& database, const AuditLane& row) {
    Statement& found =
        database.prepare("SELECT 1 FROM audit WHERE lane = ?1 AND seq = ?2 AND hash = ?3");
    found.with(row.lane, row.seq);
    found.bind_blob(3, row.hash);
    return found.any();
}

std::vector<std::string> writers(Database& database) {
    std::vector<std::string> out;
    if (database.dialect().audit_writers.empty())
        return out;
    Statement& rows = database.prepare(database.dialect().audit_writers);
    while (rows.step())
        out.push_back(rows.text(0));
    return out;
}

} // namespace auth::trail_table
