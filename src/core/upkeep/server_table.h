// The PostgreSQL server behind a database: its part in replication, and what a crash could cost.
#pragma once

#include "core/store/database.h"

#include <optional>
#include <string>
#include <vector>

namespace auth::server_table {

// How much of a server's log a standby has not replayed yet.
struct Lag {
    std::int64_t bytes = 0;
    Seconds time{0};
};

struct State {
    bool standby = false;
    bool connected = false;    // a standby that receives from another server
    std::optional<Lag> lag{};  // of a standby, against what it received
    std::string role;          // who is connected here
    std::string standby_names; // synchronous_standby_names, as this connection sees the settings
    std::string synchronous_commit;
    bool fsync = true;
    bool full_page_writes = true;
    bool keeps_log_elsewhere = false; // Neon: its own disk is thrown away at every start
};
// Nothing for a file.
[[nodiscard]] std::optional<State> load(Database& database);

struct Replica {
    std::string name;
    bool visible = false; // whether the role may see the rest
    bool synchronous = false;
    Lag lag{};
};
// The standbys that receive from this server, a primary, in order of their names.
[[nodiscard]] std::vector<Replica> replicas(Database& database);

} // namespace auth::server_table
