// A new database: schema, key file, first signing key. It appears whole or not at all.
#pragma once

#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/base/result.h"
#include "core/settings/settings.h"
#include "core/store/database.h"
#include "core/store/key_source.h"

#include <filesystem>
#include <functional>
#include <string>

namespace auth {

struct NewDatabase {
    KeySource key; // an existing good key is used as it is
    bool test = false;
    std::function<std::string()> actor;
};

// Makes the key file, unless there is a good one; where the key is not in a file, it must exist.
// Fails as Vault::make_key and KeySource::read.
[[nodiscard]] Status make_key(const KeySource& key, Random& random);

// A SQLite file. Fails with exists where the file is there, whatever it is; with
// unsafe_permissions, key_mismatch or io for the key file.
[[nodiscard]] Status make_database(const std::filesystem::path& path, const NewDatabase& wanted,
                                   const Settings& settings, Clock& clock, Random& random);
// The same in an empty database that was just made, with a key that is there.
[[nodiscard]] Status fill_database(Database& database, const NewDatabase& wanted,
                                   const Settings& settings, Clock& clock, Random& random);

} // namespace auth
