// What an import may do, as its operator says.
#pragma once

#include "core/base/clock.h"
#include "core/passwords/password.h"
#include "core/passwords/policy.h"

namespace auth {

// Whether rows may set what would let a file make itself an operator: refused with a hint, taken,
// or passed over.
enum class Permission { refuse, allow, ignore };
// What to do with a row whose address is taken.
enum class OnConflict { fail, skip, update };

struct ImportRules {
    OnConflict on_conflict = OnConflict::fail;
    Permission roles = Permission::refuse;
    Permission verified = Permission::refuse;
    Permission hashes = Permission::refuse; // and second factors
    Permission ids = Permission::refuse;
    Permission identities = Permission::refuse; // who logs in by a provider's word
    bool create_roles = false;                  // roles that do not exist are made

    // Of the database.
    bool test = false;
    PasswordCost cost{};
    PasswordPolicy policy{};
    Time now{};
};

} // namespace auth
