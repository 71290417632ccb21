#include "core/audit/audit_table.h"

#include "core/store/broken_database.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth::audit_table {
namespace {

constexpr std::string_view insertion =
    "INSERT INTO audit (seq, at, actor, event, target, result, detail, hash, detail_digest, salt,"
    " lane, place) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
constexpr std::string_view columns = "seq, at, actor, event, target, result, detail, hash,"
                                     " detail_digest, salt, lane, coalesce(place, seq)";
constexpr std::string_view used_lanes = "SELECT lane, place, seq, hash FROM audit_lanes"
                                        " WHERE place <> 0 OR lane = 0 ORDER BY lane";
constexpr std::string_view locked_lanes =
    "SELECT lane, place, seq, hash FROM audit_lanes ORDER BY lane FOR UPDATE";

template <class Row> void bind(Row& insert, const AuditRow& row) {
    insert.with(row.seq, row.at, row.actor, row.event, row.target, row.result, row.detail);
    insert.bind_blob(8, row.hash);
    insert.bind_blob(9, *row.digest);
    insert.bind_blob(10, *row.salt);
    insert.bind(11, row.lane);
    // Saves an entry of the index for each row of a trail with one lane.
    if (row.lane == 0 && row.place == row.seq)
        insert.bind_null(12);
    else
        insert.bind(12, row.place);
}

std::optional<std::string> optional_blob(const Statement& row, int column) {
    return row.is_null(column) ? std::nullopt : std::optional(row.blob(column));
}

std::vector<AuditRow> read(Statement& rows) {
    std::vector<AuditRow> out;
    while (rows.step())
        out.push_back({rows.integer(0), rows.time(1), rows.text(2), rows.text(3), rows.text(4),
                       rows.text(5), rows.text(6), rows.blob(7), optional_blob(rows, 8),
                       optional_blob(rows, 9), rows.integer(10), rows.integer(11)});
    return out;
}

std::vector<AuditLane> read_lanes(Database& database, std::string_view question) {
    std::vector<AuditLane> out;
    Statement& rows = database.prepare(question);
    while (rows.step())
        out.push_back({rows.integer(0), rows.integer(1), rows.integer(2), rows.blob(3)});
    rows.reset();
    if (std::ranges::none_of(out, [](const AuditLane& each) { return each.lane == 0; }))
        broken_database(error(ErrorCode::database_corrupt, "the audit trail has lost its head"));
    return out;
}

Time first_time(const AuditFilter& filter) {
    return filter.since.value_or(from_unix_seconds(INT64_MIN));
}

} // namespace

std::vector<AuditLane> lanes(Database& database) {
    return read_lanes(database, used_lanes);
}

std::vector<AuditLane> lock_lanes(Database& database) {
    // A file has one writer at a time.
    return read_lanes(database, database.dialect().appends_audit ? locked_lanes : used_lanes);
}

void set_lane(Database& database, const AuditLane& lane) {
    Statement& update =
        database.prepare("INSERT INTO audit_lanes (lane, place, seq, hash) VALUES (?1, ?2, ?3, ?4)"
                         " ON CONFLICT (lane) DO UPDATE SET place = ?2, seq = ?3, hash = ?4");
    update.with(lane.lane, lane.place, lane.seq);
    update.bind_blob(4, lane.hash).run();
}

void append_by_server(Database& database, const AuditRow& row) {
    Statement& append = database.prepare("SELECT append_audit(?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    append.with(row.at, row.actor, row.event, row.target, row.result, row.detail);
    append.bind_blob(7, *row.salt).run();
    prove_commit_by(database, row);
}

void prove_commit_by(Database& database, const AuditRow& row) {
    Statement& proof = database.prepare("SELECT 1 WHERE audit_has(?1, ?2)");
    proof.bind(1, row.target).bind_blob(2, *row.salt).prove_commit();
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

std::optional<ServerState> ask_server(Database& database) {
    if (!database.dialect().appends_audit)
        return std::nullopt;
    return database.prepare("SELECT move_audit_number(0), audit_actor('')")
        .first([](const Statement& row) {
            return ServerState{row.integer(0), row.text(1)};
        });
}

void tell_server(Database& database, std::int64_t last) {
    database.prepare("SELECT move_audit_number(?1)").with(last).run();
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
