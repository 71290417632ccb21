// A new database: schema, key file, first signing key. It appears whole or not at all.
#pragma once

#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/base/result.h"
#include "core/settings/settings.h"
#include "core/store/database.h"

#include <filesystem>
#include <functional>
#include <string>

namespace auth {

struct NewDatabase {
    std::filesystem::path key_path; // an existing good key is used as it is
    bool test = false;
    std::function<std::string()> actor;
};

// A SQLite file. Fails with exists where the file is there, whatever it is; with
// unsafe_permissions, key_mismatch or io for the key file.
[[nodiscard]] Status make_database(const std::filesystem::path& path, const NewDatabase& wanted,
                                   const Settings& settings, Clock& clock, Random& random);
// The same in an empty database that was just made, with a key that is there.
[[nodiscard]] Status fill_database(Database& database, const NewDatabase& wanted,
                                   const Settings& settings, Clock& clock, Random& random);

} // namespace auth
