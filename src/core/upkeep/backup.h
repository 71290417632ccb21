// Copies of a database and of its key file, each in one file.
#pragma once

#include "core/base/random.h"
#include "core/base/result.h"
#include "core/store/vault.h"

#include <cstdint>
#include <filesystem>

namespace auth {

struct BackupOrder {
    std::filesystem::path database;
    std::filesystem::path file;
    bool replace = false; // a file that is there
    bool dry_run = false; // everything but the file
};

// Writes a whole copy of mode 0600 that has been checked, and seals it; it appears at once or not
// at all, and is on disk when this returns. Says how large it is. Fails with exists or
// unsafe_permissions, database_corrupt where the copy is not sound, and as copy_sqlite and
// Vault::require_key.
[[nodiscard]] Result<std::uintmax_t> back_up(const BackupOrder& order, const Vault& vault,
                                             Random& random);
// Whether back_up_key would find room: nothing there, or the same key. Fails as that does.
[[nodiscard]] Status check_key_copy(const std::filesystem::path& key_path,
                                    const std::filesystem::path& file);
// The key file on its own, in the same way; a file that holds it already stays. Fails with exists
// where another one is there, key_mismatch, unsafe_permissions or io.
[[nodiscard]] Status back_up_key(const std::filesystem::path& key_path,
                                 const std::filesystem::path& file);

} // namespace auth
