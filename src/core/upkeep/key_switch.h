// The files of a rekey: the new key waits beside the key file, then takes its place.
#pragma once

#include "core/base/result.h"

#include <filesystem>

namespace auth {

// Keeps the key file under its old name and gives the waiting one its own, durably. Done by several
// processes at once, or again after a kill, it has the same effect. Fails with exists where the old
// name holds another key, and io.
[[nodiscard]] Status switch_key_files(const std::filesystem::path& key_file);

} // namespace auth
