// What operators do with users. Every act is one transaction with its audit row.
#pragma once

#include "core/base/secret.h"
#include "core/realm.h"
#include "core/users/roles.h"
#include "core/users/user.h"

#include <optional>
#include <string>
#include <vector>

namespace auth {

// Fails with not_found; suggests the nearest address.
[[nodiscard]] Result<User> require_user(Realm& realm, const UserRef& ref);

// What acts lock that give a user these names: nobody else gets one of them meanwhile.
[[nodiscard]] Locks locks_of_names(std::string_view email_key,
                                   const std::optional<std::string>& username);
// The id that the reference names now: what a transaction that acts on the user locks. Fails as
// require_user.
[[nodiscard]] Result<std::string> id_of(Realm& realm, const UserRef& ref);
// The user, inside the transaction that locks `id`. Fails as require_user, and with database_busy
// if the reference names another user meanwhile.
[[nodiscard]] Result<User> read_locked(Realm& realm, const UserRef& ref, std::string_view id);

// A user of that address, made now: nothing is set but that, the id and the times. Not stored.
[[nodiscard]] User fresh_user(Realm& realm, const Email& email);

// What creating a user says where the address is taken.
[[nodiscard]] Error email_taken(const Email& email);

struct NewUser {
    explicit NewUser(Email address) : email(std::move(address)) {}
    Email email;
    ProfileChange profile;
    std::vector<RoleName> roles;
    // At most one of the two; neither makes a user without a password.
    std::optional<Secret> password;
    std::optional<std::string> password_hash;
    bool verified = false;
    bool disabled = false;
    bool must_change_password = false;
};

// Posts the verification code where the address is not verified. Fails with exists (field email or
// username), not_found (role), usage, refused.
[[nodiscard]] Result<User> create_user(Realm& realm, const NewUser& wanted);
// What a transaction around create_user() must lock.
[[nodiscard]] Locks locks_of_creation(const Realm& realm, const NewUser& wanted);

struct UserChange {
    ProfileChange profile;
    std::optional<Email> email; // a new address starts unverified, and a code goes there
    std::optional<bool> must_change_password;
};

struct Updated {
    User user;
    bool changed = false;
    bool moved = false; // to a new address, for which a verification code was posted
};

// What the transaction of update_user() locks, and one around it as well.
[[nodiscard]] Locks locks_of_update(std::string_view id, const UserChange& change);
// Fails with not_found, exists or usage.
[[nodiscard]] Result<Updated> update_user(Realm& realm, const UserRef& ref,
                                          const UserChange& change);

// Disabling ends all sessions. `reason` is for the operators. Call inside a Transaction.
[[nodiscard]] Result<Updated> set_disabled(Realm& realm, const UserRef& ref, bool disabled,
                                           std::string_view reason);
// Ends waits and locks of the address. Call inside a Transaction.
[[nodiscard]] Result<Updated> unlock_user(Realm& realm, const UserRef& ref);
// Erases the user, credentials, codes, mails and sessions; the audit trail keeps the id. Call
// inside a Transaction.
[[nodiscard]] Result<User> delete_user(Realm& realm, const UserRef& ref);

} // namespace auth
