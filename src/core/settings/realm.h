// One database with its key, its policy and the outside world of one run: what every act needs.
#pragma once

#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/settings/settings.h"
#include "core/store/database.h"
#include "core/store/vault.h"

#include <functional>
#include <string>

namespace auth {

struct Realm {
    Database& database;
    const Vault& vault;
    const Settings& settings;
    Clock& clock;
    Random& random;
    std::function<std::string()> actor; // for the audit trail: "os:root"
    bool test = false;                  // a test database: cheap hashes, relaxed policy
    bool dry_run = false;
    // False where a wrapper runs the program for the subject itself: then nobody vouches for what
    // is typed.
    bool operated = true;

    [[nodiscard]] Time now() const { return clock.now(); }
};

} // namespace auth
