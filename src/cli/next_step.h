// How next steps are worded: as commands for a POSIX shell that run as they stand.
#pragma once

#include "core/base/next_step.h"
#include "core/settings/settings.h"

#include <string>

namespace auth {

// The flags of this call that say which database, key and stored login it is about, as they were
// given; empty where they were not. A command that is to be run next needs them again.
struct GivenFlags {
    std::string db{};
    std::string key_file{};
    std::string profile{};
    std::string token_file{};

    bool operator==(const GivenFlags& other) const = default;
};
[[nodiscard]] GivenFlags given_flags(const Settings& settings);

// "auth-cli key list --db 'my keys.db'". A step that names another database gets neither that flag
// nor the key file's; help, completion and version get none.
[[nodiscard]] std::string as_typed(const NextStep& step, const GivenFlags& given);
// "try again: auth-cli login, or auth-cli login --send-link".
[[nodiscard]] std::string in_words(const Hint& hint, const GivenFlags& given);

} // namespace auth
