#include "core/audit/audit_table.h"

#include "core/store/broken_database.h"

#include <fmt/format.h>

namespace auth::audit_table {
namespace {

constexpr std::string_view insertion =
    "INSERT INTO audit (seq, at, actor, event, target, result, detail, hash, detail_digest, salt)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
constexpr std::string_view columns =
    "seq, at, actor, event, target, result, detail, hash, detail_digest, salt";

template <class Row> void bind(Row& insert, const AuditRow& row) {
    insert.with(row.seq, row.at, row.actor, row.event, row.target, row.result, row.detail);
    insert.bind_blob(8, row.hash);
    insert.bind_blob(9, *row.digest);
    insert.bind_blob(10, *row.salt);
}

std::optional<std::string> optional_blob(const Statement& row, int column) {
    return row.is_null(column) ? std::nullopt : std::optional(row.blob(column));
}

std::vector<AuditRow> read(Statement& rows) {
    std::vector<AuditRow> out;
    while (rows.step())
        out.push_back({rows.integer(0), rows.time(1), rows.text(2), rows.text(3), rows.text(4),
                       rows.text(5), rows.text(6), rows.blob(7), optional_blob(rows, 8),
                       optional_blob(rows, 9)});
    return out;
}

Time first_time(const AuditFilter& filter) {
    return filter.since.value_or(from_unix_seconds(INT64_MIN));
}

} // namespace

AuditHead head(Database& database) {
    Statement& row = database.prepare("SELECT seq, hash FROM audit_head WHERE id = 1");
    const auto found = row.first([](const Statement& at) {
        return AuditHead{at.integer(0), at.blob(1)};
    });
    if (!found)
        broken_database(error(ErrorCode::database_corrupt, "the audit trail has lost its head"));
    return *found;
}

void append(Database& database, const AuditRow& row) {
    Statement& insert = database.prepare(insertion);
    bind(insert, row);
    insert.run();
}

std::unique_ptr<BulkInsert> bulk_append(Database& database) {
    return database.bulk_insert(insertion);
}

void add(BulkInsert& rows, const AuditRow& row) {
    bind(rows, row);
    rows.add();
}

void set_head(Database& database, const AuditHead& head) {
    database.prepare("UPDATE audit_head SET seq = ?1, hash = ?2 WHERE id = 1")
        .bind(1, head.seq)
        .bind_blob(2, head.hash)
        .run();
}

void erase_details(Database& database, std::string_view target, std::string_view instead) {
    database.prepare("UPDATE audit SET detail = ?2, salt = NULL WHERE target = ?1")
        .with(target, instead)
        .run();
}

std::vector<AuditRow> page(Database& database, const AuditFilter& filter, std::int64_t from,
                           std::int64_t rows) {
    return read(database
                    .prepare(fmt::format(
                        "SELECT {} FROM audit"
                        " WHERE (?1 = '' OR target = ?1) AND (?2 = '' OR event = ?2) AND at >= ?3"
                        " AND seq >= ?4 ORDER BY seq LIMIT ?5",
                        columns))
                    .with(filter.target, filter.event, first_time(filter), from, rows));
}

std::vector<AuditRow> latest(Database& database, const AuditFilter& filter) {
    return read(database
                    .prepare(fmt::format("SELECT {} FROM"
                                         " (SELECT * FROM audit WHERE (?1 = '' OR target = ?1)"
                                         "  AND (?2 = '' OR event = ?2) AND at >= ?3"
                                         "  ORDER BY seq DESC LIMIT ?4) AS latest ORDER BY seq",
                                         columns))
                    .with(filter.target, filter.event, first_time(filter), filter.limit));
}

} // namespace auth::audit_table
