// A record of a file, judged by itself: what it would make of a user. Needs no database, so that
// many are judged at once.
#pragma once

#include "core/base/random.h"
#include "core/codes/totp.h"
#include "core/formats/user_record.h"
#include "core/provisioning/import_rules.h"
#include "core/users/user.h"

#include <optional>
#include <string>
#include <vector>

namespace auth {

struct IncomingUser {
    std::int64_t line = 0;
    std::string email;          // as written
    std::optional<Error> error; // then nothing else is good
    Rights refused;             // why, if the row sets what it may not
    bool is_user = true;        // else nothing is to be written
    LeftBehind left_behind;

    User user; // a new user; no id where one is to be made, roles as they are wanted
    std::optional<std::string> password_hash;
    std::optional<HashInfo> password_kind; // of that, or of new_hash
    std::string password_set_by;
    Time password_changed_at;
    std::optional<Totp> totp;
    std::vector<IdentityRecord> identities; // issuers may have to be found yet

    // What the record says of a user who is there already.
    ProfileChange profile;
    bool sets_roles = false;
    bool sets_identities = false;
    std::optional<bool> verified;
    std::optional<bool> disabled;
    std::optional<bool> must_change_password;
    std::optional<Secret> password;      // compared first, where users are updated,
    std::optional<std::string> new_hash; // and else stored as this

    [[nodiscard]] bool is_to_write() const { return is_user && !error; }
};

// `out` is new, and the record is used up. Fails within, by its error: usage for what makes no
// sense, refused where a password is weak or too costly, or the rules forbid what is set. A new
// password is hashed. Safe on several threads with a Random that is.
void judge_record(UserRecord& record, const ImportRules& rules, Random& random, IncomingUser& out);

} // namespace auth
