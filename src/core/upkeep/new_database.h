// A new database: schema, key file, first signing key. It appears whole or not at all.
#pragma once

#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/base/result.h"
#include "core/settings/settings.h"
#include "core/store/database.h"
#include "core/store/key_source.h"
#include "core/upkeep/new_key.h"

#include <filesystem>
#include <functional>
#include <string>

namespace auth {

struct NewDatabase {
    KeySource key;
    bool share_key = false; // an existing good key file is used as it is; else it is refused
    bool test = false;
    std::function<std::string()> actor;
};

// A SQLite file. Fails with exists where the file is there, whatever it is; for a key file as
// NewKey::prepare, for a key that somebody else keeps as KeySource::read. Tells of a key file
// whether it existed before.
[[nodiscard]] Result<NewKey::Existing> make_database(const std::filesystem::path& path,
                                                     const NewDatabase& wanted,
                                                     const Settings& settings, Clock& clock,
                                                     Random& random);
// The same in an empty database that was just made.
[[nodiscard]] Result<NewKey::Existing> fill_database(Database& database, const NewDatabase& wanted,
                                                     const Settings& settings, Clock& clock,
                                                     Random& random);

} // namespace auth
