// What an import may do, as its operator says.
#pragma once

#include "core/base/clock.h"
#include "core/passwords/password.h"
#include "core/passwords/policy.h"
#include "core/provisioning/import_permissions.h"

namespace auth {

// What to do with a row whose address is taken.
enum class OnConflict { fail, skip, update };

struct ImportRules {
    OnConflict on_conflict = OnConflict::fail;
    ImportPermissions permissions{};
    bool create_roles = false; // roles that do not exist are made
    // A hash that cannot be used is left behind, and its user has no password.
    bool drop_unusable_hashes = false;

    // For hints: the command that imports this file, and its format if nobody named it.
    NextStep again{"import", {"FILE"}};
    std::optional<ImportFormat> recognised{};

    // Of the database.
    bool test = false;
    PasswordCost cost{};
    PasswordPolicy policy{};
    Time now{};
};

} // namespace auth
