// One database with its key, its policy and the outside world of one run: what every act needs.
#pragma once

#include "core/base/clock.h"
#include "core/base/next_step.h"
#include "core/base/random.h"
#include "core/settings/settings.h"
#include "core/store/database.h"
#include "core/store/vault.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace auth {

// How a mail leaves once the act that posted it is done.
enum class Departure {
    awaited, // the command fails if it is not sent
    unseen,  // neither time nor answer tells whether there was anybody to mail
    notice,  // after the answer; a failure is a warning
};

struct PostedMail {
    std::string id; // of its row, which is gone where the act was undone
    Departure departure;
};

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
    // Where the act comes from, for people: "laptop, from 192.0.2.7"; may be empty.
    std::function<std::string()> place{};
    // How a person types a command, for letters.
    std::function<std::string(const NextStep&)> typed{};
    // The mails of all acts so far, to be sent once the acts are done.
    std::shared_ptr<std::vector<PostedMail>> posted = std::make_shared<std::vector<PostedMail>>();

    [[nodiscard]] Time now() const { return clock.now(); }
    // The same realm, with the same posted mails, on another source of randomness.
    [[nodiscard]] Realm with(Random& other) const {
        return {.database = database,
                .vault = vault,
                .settings = settings,
                .clock = clock,
                .random = other,
                .actor = actor,
                .test = test,
                .dry_run = dry_run,
                .operated = operated,
                .place = place,
                .typed = typed,
                .posted = posted};
    }
};

} // namespace auth
