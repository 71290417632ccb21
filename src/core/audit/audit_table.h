// Tables audit and audit_lanes: the chained rows, and the end of each chain.
#pragma once

#include "core/audit/audit.h"

#include <memory>

namespace auth::audit_table {

// The ends of the lanes, in order. Throws database_corrupt where lane 0 has none.
[[nodiscard]] std::vector<AuditLane> lanes(Database& database);
// The same, and nobody else appends until the transaction ends.
[[nodiscard]] std::vector<AuditLane> lock_lanes(Database& database);
void set_lane(Database& database, const AuditLane& lane);

// Has the server choose number, lane and place, and name the role in front of the actor. The open
// transaction is proved by the row.
void append_by_server(Database& database, const AuditRow& row);
// The open transaction was committed if and only if the database has this row of it.
void prove_commit_by(Database& database, const AuditRow& row);

// Appends a row that is chained already.
void append(Database& database, const AuditRow& row);
// Many of them, each by add().
[[nodiscard]] std::unique_ptr<BulkInsert> bulk_append(Database& database);
void add(BulkInsert& rows, const AuditRow& row);
// Where the server numbers rows: the last number, and what it writes before an actor. Call once the
// lanes are locked.
struct ServerState {
    std::int64_t last;
    std::string role; // "pg:web"
};
[[nodiscard]] std::optional<ServerState> ask_server(Database& database);
// Numbers up to the last were taken.
void tell_server(Database& database, std::int64_t last);

void erase_details(Database& database, std::string_view target, std::string_view instead);
// At most that many of the rows behind number `after`, oldest first; the filter's limit is not
// looked at.
[[nodiscard]] std::vector<AuditRow> page(Database& database, const AuditFilter& filter,
                                         std::int64_t after, std::int64_t rows);
// The latest that the filter's limit allows, oldest first.
[[nodiscard]] std::vector<AuditRow> latest(Database& database, const AuditFilter& filter);

} // namespace auth::audit_table
