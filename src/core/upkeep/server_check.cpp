#include "core/upkeep/server_check.h"

#include "core/base/text.h"
#include "core/upkeep/server_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

using server_table::Lag;
using server_table::Replica;
using server_table::State;

// A standby within these takes over without a pause that anybody notices.
constexpr Seconds longest_lag{10};
constexpr std::int64_t largest_lag = 16 << 20; // a segment of the server's log

bool is_much(const Lag& lag) {
    return lag.time >= longest_lag || lag.bytes >= largest_lag;
}

std::string in_words(const Lag& lag) {
    const auto time = counted(lag.time.count(), "second");
    return fmt::format("{} and {} KiB behind", time, (lag.bytes + 1023) / 1024);
}

void look_at_standby(Examination& examination, const State& server) {
    const std::string where = examination.realm.database.location();
    std::string message = "the database's server is a standby, which cannot be written";
    if (server.lag)
        message += server.lag->bytes == 0 ? "; it has replayed everything that it received"
                                          : "; it is " + in_words(*server.lag);
    examination.add({"server_standby", Severity::warning, where, message,
                     "name the primary in the database URL, or all servers with "
                     "target_session_attrs=read-write"});
    if (!server.connected)
        examination.add({"standby_disconnected", Severity::warning, where,
                         "the standby receives nothing from another server, so what it shows may "
                         "be old",
                         "check the standby's log and its primary_conninfo"});
    else if (server.lag && is_much(*server.lag))
        examination.add({"standby_lags", Severity::warning, where,
                         fmt::format("the standby is {}", in_words(*server.lag)),
                         "check the standby's load and log"});
}

void look_at_lag(Examination& examination, const std::vector<Replica>& replicas,
                 const State& server) {
    std::int64_t hidden = 0;
    for (const Replica& replica : replicas) {
        hidden += replica.visible ? 0 : 1;
        if (is_much(replica.lag))
            examination.add({"replica_lags", Severity::warning, replica.name,
                             fmt::format("the standby {} is {}", in_quotes(replica.name),
                                         in_words(replica.lag)),
                             "check the standby's load, its log and the network to it"});
    }
    if (hidden > 0)
        examination.add(
            {"replicas_hidden", Severity::note, server.role,
             fmt::format("the role {} may not see how far {} {} behind", in_quotes(server.role),
                         counted(hidden, "standby"), hidden == 1 ? "is" : "are"),
             fmt::format("as a superuser, run in the database: GRANT "
                         "pg_read_all_stats TO {}",
                         server.role)});
}

// What a fail-over would keep.
void look_at_replicas(Examination& examination, const State& server) {
    if (server.keeps_log_elsewhere)
        return;
    const auto replicas = server_table::replicas(examination.realm.database);
    look_at_lag(examination, replicas, server);
    const bool all_visible = std::ranges::all_of(replicas, &Replica::visible);
    if (!all_visible || std::ranges::any_of(replicas, &Replica::synchronous))
        return;
    if (!server.standby_names.empty())
        examination.add({"standby_missing", Severity::warning, "synchronous_standby_names",
                         fmt::format("no standby of synchronous_standby_names ({}) is connected, "
                                     "so every write waits for one",
                                     in_quotes(server.standby_names)),
                         "start the standby, or take it out of synchronous_standby_names"});
    else if (!replicas.empty())
        examination.add({"replication_asynchronous", Severity::note, "synchronous_standby_names",
                         "no standby is synchronous, so a fail-over may lose the latest changes",
                         "name the standbys in synchronous_standby_names"});
}

// What a crash would keep. Nobody misses the rows of a test database.
void look_at_durability(Examination& examination, const State& server) {
    if (examination.realm.test)
        return;
    const std::string set_on = "set it to on in postgresql.conf, for the database or for the role";
    const std::string& commit = server.synchronous_commit;
    const bool local = commit == "local" && !server.standby_names.empty();
    if (commit == "off" || local)
        examination.add(
            {"commits_not_durable", Severity::warning, "synchronous_commit",
             fmt::format(
                 "synchronous_commit is {}: a {} can lose changes that were reported as done",
                 commit, local ? "fail-over" : "crash of the server"),
             set_on});
    if (server.keeps_log_elsewhere)
        return;
    if (!server.fsync)
        examination.add({"fsync_off", Severity::error, "fsync",
                         "fsync is off: a crash of the server's machine can destroy the database",
                         "set it to on in postgresql.conf"});
    if (!server.full_page_writes)
        examination.add(
            {"full_page_writes_off", Severity::warning, "full_page_writes",
             "full_page_writes is off: a crash of the server's machine can damage pages",
             "set it to on in postgresql.conf, unless the file system writes pages "
             "whole"});
}

} // namespace

void look_at_server(Examination& examination) {
    const auto server = server_table::load(examination.realm.database);
    if (!server)
        return;
    if (server->standby)
        return look_at_standby(examination, *server);
    look_at_replicas(examination, *server);
    look_at_durability(examination, *server);
}

} // namespace auth
