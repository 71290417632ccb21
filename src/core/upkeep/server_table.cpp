#include "core/upkeep/server_table.h"

namespace auth::server_table {
namespace {

// A standby that replayed all it received is not behind, however old its newest change is.
constexpr std::string_view state = R"(
SELECT CASE WHEN pg_is_in_recovery() THEN 1 ELSE 0 END,
    CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_stat_wal_receiver) THEN 1 ELSE 0 END,
    CAST(pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) AS bigint),
    CAST(extract(epoch FROM now() - pg_last_xact_replay_timestamp()) AS bigint),
    current_user, current_setting('synchronous_standby_names'),
    current_setting('synchronous_commit'),
    CASE current_setting('fsync') WHEN 'on' THEN 1 ELSE 0 END,
    CASE current_setting('full_page_writes') WHEN 'on' THEN 1 ELSE 0 END,
    CASE WHEN current_setting('neon.timeline_id', true) <> '' THEN 1 ELSE 0 END)";

// Backups that are under way stand in the same view.
constexpr std::string_view receivers = R"(
SELECT coalesce(nullif(application_name, ''), 'a standby'),
    CASE WHEN state IS NULL THEN 0 ELSE 1 END,
    CASE WHEN sync_state IN ('sync', 'quorum') THEN 1 ELSE 0 END,
    CAST(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) AS bigint),
    CAST(extract(epoch FROM replay_lag) AS bigint)
FROM pg_catalog.pg_stat_replication
WHERE state IS NULL OR state IN ('streaming', 'catchup') ORDER BY 1)";

// In the columns from `first` on; what is not known counts as nothing.
Lag lag_in(const Statement& row, int first) {
    Lag lag;
    if (!row.is_null(first))
        lag.bytes = row.integer(first);
    if (!row.is_null(first + 1))
        lag.time = Seconds(row.integer(first + 1));
    return lag;
}

} // namespace

std::optional<State> load(Database& database) {
    if (database.dialect().engine != "postgresql")
        return std::nullopt;
    return database.prepare(state).first([](const Statement& row) {
        State found{.standby = row.integer(0) != 0,
                    .connected = row.integer(1) != 0,
                    .role = row.text(4),
                    .standby_names = row.text(5),
                    .synchronous_commit = row.text(6),
                    .fsync = row.integer(7) != 0,
                    .full_page_writes = row.integer(8) != 0,
                    .keeps_log_elsewhere = row.integer(9) != 0};
        if (!row.is_null(2))
            found.lag = row.integer(2) > 0 ? lag_in(row, 2) : Lag{};
        return found;
    });
}

std::vector<Replica> replicas(Database& database) {
    std::vector<Replica> out;
    for (Statement& row = database.prepare(receivers); row.step();)
        out.push_back({.name = row.text(0),
                       .visible = row.integer(1) != 0,
                       .synchronous = row.integer(2) != 0,
                       .lag = lag_in(row, 3)});
    return out;
}

} // namespace auth::server_table
