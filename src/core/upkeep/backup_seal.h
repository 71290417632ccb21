// The seal of a backup: who has no key file cannot alter one, or make one, that is taken for ours.
// It covers every byte, and stands behind the last page of the database, where SQLite does not
// look: the file opens with any SQLite tool, and whatever that writes breaks the seal.
#pragma once

#include "core/base/random.h"
#include "core/base/result.h"
#include "core/store/meta_table.h"
#include "core/store/vault.h"

#include <filesystem>

namespace auth {

// Adds it to a finished file that no connection has open. Fails with io, and as
// Vault::require_key.
[[nodiscard]] Status seal_backup(const std::filesystem::path& file, const meta_table::Meta& meta,
                                 const Vault& vault, Random& random);

// Copies a sealed file, without its seal, into a new private one, which holds the very bytes that
// were checked: neither a journal beside the backup nor a later writer has a part in it. False
// where it has no seal; then there is no copy. Fails with database_corrupt where the seal does not
// match, key_mismatch where it was made with another key, unsafe_permissions or io.
[[nodiscard]] Result<bool> copy_sealed(const std::filesystem::path& file,
                                       const std::filesystem::path& to, const KeySource& key);

} // namespace auth
