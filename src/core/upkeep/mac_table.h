// All MACs under the key file, in whatever table, and what becomes of each when a database gets
// another key. Nobody can compute a MAC of what is not stored.
#pragma once

#include "core/store/database.h"
#include "core/store/vault.h"
#include "core/upkeep/pace.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace auth::mac_table {

enum class Fate {
    recomputed, // of the address of a user; the rows of other addresses are dropped
    kept,       // its MAC key outlives the key file
    dropped,    // its row
    blurred,    // a user who has any keeps one that nothing matches
};

struct MacColumn {
    std::string_view table;
    std::string_view column;
    MacPurpose purpose;
    Fate fate;
};
[[nodiscard]] std::span<const MacColumn> columns();

struct Moved {
    std::int64_t carried = 0; // rows that go on
    std::int64_t dropped = 0; // rows that are gone
};
// Brings the column under the other key. Call inside a Transaction, which is not to be committed
// where the pace has stopped.
[[nodiscard]] Moved move(Database& database, const MacColumn& column, const VaultChange& change,
                         Pace& pace);

} // namespace auth::mac_table
