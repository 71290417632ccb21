// A new key for a database: all that is sealed or counted under the old one comes under it in one
// transaction. The new key is on disk before, and the old one stays until finish_rekey: killed at
// any moment, one of the two opens everything, and Vault::require_key finds it.
#pragma once

#include "core/realm.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

namespace auth {

struct RekeyOrder {
    // Holds the new key, or gets it where there is no such file. Empty for a random key; required
    // where the database's key is not in a file.
    std::filesystem::path new_key_file{};
    // Gets the rows so far; false leaves everything as it is.
    std::function<bool(std::int64_t)> progress = [](std::int64_t) { return true; };
};

struct Rekeyed {
    // The work was done by a run that was killed before it had put the new key in its place: only
    // that was left to do.
    bool completed = false;
    std::filesystem::path key_file;     // holds the new key; empty in a dry run
    std::filesystem::path old_key_file; // holds the old one; empty where it is not in a file
    std::int64_t sealed = 0;            // values
    std::int64_t counters = 0;          // of failed attempts, which go on
    std::int64_t dropped_counters = 0;  // of addresses that no user has
    std::int64_t recovery_codes = 0;    // which still work
    std::int64_t codes = 0;             // void: verification and reset codes
    std::int64_t links = 0;             // void: login links
    std::int64_t places = 0;            // forgotten: where users logged in from
};

// How many rows it works on, for progress.
[[nodiscard]] std::int64_t rows_to_rekey(Database& database);

// Nothing where the progress answered false. Afterwards the realm is of no use: its vault has the
// old key. Fails with usage without a place for the new key, or where that is the old one; exists
// where the old key of an earlier rekey is still kept; database_corrupt where a sealed value does
// not open; refused with a restricted connection; and as Vault::require_key.
[[nodiscard]] Result<std::optional<Rekeyed>> rekey(Realm& realm, const RekeyOrder& order);

// Removes the old key, after a look whether the new one opens everything; says which file it was,
// or nothing where there is none. Fails with refused where the database still needs it, and
// database_corrupt where something does not open.
[[nodiscard]] Result<std::optional<std::filesystem::path>> finish_rekey(Realm& realm);

} // namespace auth
