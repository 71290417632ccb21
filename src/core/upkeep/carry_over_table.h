// What a restore must not undo: the tables of a backup take over from the database that is there
// whatever was revoked, used up, disabled, locked or counted since. The other database is attached
// as `present` (differences_table::attach).
#pragma once

#include "core/upkeep/differences_table.h"

namespace auth::carry_over_table {

using Change = differences_table::Difference;

// What take() will keep of it, for people. Call before.
[[nodiscard]] std::vector<Change> kept(Database& database, Time now);
// Inside a Transaction, as all that follows: keys, sessions, credentials, counters and locks, and
// who is disabled, of the users whom both have. Says how many live sessions that ends.
std::int64_t take(Database& database, Time now);
// The audit trail as a whole.
void take_trail(Database& database);
// The addresses of users whom only the backup has.
[[nodiscard]] std::vector<std::string> returned_addresses(Database& database);

// Whose use since the backup nobody knows: of the users whom `present` has not, recovery codes go
// and app codes up to now count as used. Says for whom recovery codes went.
std::vector<Change> void_codes(Database& database, Time now);
// Nobody knows which keys were revoked: all that sign for this database end, and sign no more.
void retire_keys(Database& database, Time now);

} // namespace auth::carry_over_table
