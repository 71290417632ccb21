// What stands between a user and a session, gate by gate, without trying: nothing is counted and
// nothing is written.
#pragma once

#include "core/accounts/lockout.h"
#include "core/codes/code.h"
#include "core/passwords/password.h"
#include "core/realm.h"
#include "core/users/user.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace auth {

struct Gate {
    std::string name;           // stable: "user", "not_locked", …
    std::optional<bool> passed; // nothing where an earlier gate leaves nothing to ask
    std::string detail;         // for people
    Hint repair;                // what opens it, where it is shut
};

// The gates in the order in which login comes to them.
struct LoginGates {
    std::vector<Gate> gates;
    // The first one that is shut, or nullptr.
    [[nodiscard]] const Gate* first_shut() const;

    std::optional<User> user;
    Attempts attempts; // under the address, whether or not there is a user
    struct Password {
        std::optional<HashInfo> hash; // nothing where it cannot be read
        bool rehash = false;          // the next login replaces it
        std::string set_by;
        Time changed_at;
    };
    std::optional<Password> password;
    std::vector<std::string> other_ways; // to log in without a password: "a mailed link"
    bool factor_required = false;
    std::int64_t recovery_codes = 0;
    std::vector<std::pair<std::string, StoredCode>> codes; // by purpose
    std::int64_t live_sessions = 0;
};

// Throws key_mismatch where the key file is not at hand: failures are kept under keyed addresses.
[[nodiscard]] LoginGates login_gates(Realm& realm, const UserRef& ref);

} // namespace auth
