// The audit log as a whole: whether it is as it was, and how far it has come.
#pragma once

#include "core/trail/checkpoint.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace auth {

struct TrailCheck {
    std::int64_t rows = 0;     // that were read
    std::int64_t archived = 0; // in archives whose files were not given
    std::int64_t archives = 0; // those
};
// Checks every row, and that the log still has every row that the checkpoint vouches for. Where
// files of archives are given, all must be. Fails with database_corrupt where something is not as
// it was; with not_found where an archive is missing, also one within which the checkpoint ends;
// with invalid_token (reason other_database) for a checkpoint of another database; and as
// read_trail.
[[nodiscard]] Result<TrailCheck> check_trail(Realm& realm,
                                             const std::vector<std::filesystem::path>& archives,
                                             const std::optional<Checkpoint>& checkpoint);

// Of all rows that are there to stay, once every row of the database was checked. Fails as
// read_trail, settled_seq and sign_checkpoint.
[[nodiscard]] Result<SignedCheckpoint> make_checkpoint(Realm& realm);

} // namespace auth
