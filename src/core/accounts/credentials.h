// Setting and checking passwords under the realm's policy.
#pragma once

#include "core/accounts/passwords_table.h"
#include "core/passwords/password.h"
#include "core/passwords/policy.h"
#include "core/realm.h"
#include "core/users/user.h"

#include <optional>
#include <string>
#include <vector>

namespace auth {

// What new hashes cost here; test databases use the cheapest there is.
[[nodiscard]] PasswordCost password_cost(const Realm& realm);

// What new passwords must be here, beside a second factor or alone. Fails with io where the list of
// words cannot be read.
[[nodiscard]] Result<PasswordPolicy> password_policy(const Realm& realm, bool mfa);

// Fails with usage where a normal database would hash below OWASP's floor.
[[nodiscard]] Status check_password_cost(const Realm& realm);

// The words a user must not build a password of.
[[nodiscard]] std::vector<std::string> own_words(const User& user);

// Checks a new password and hashes it; takes as long as one hash. It may be shorter where the user
// has a second factor. Fails with usage or refused (reason weak_password).
[[nodiscard]] Result<std::string> hash_new_password(Realm& realm, const Secret& typed,
                                                    const User& user);
// Whether a password that is good enough beside a second factor might be too short without one.
[[nodiscard]] bool factor_shortens_passwords(const Realm& realm);
// Whether that may be so of a password whose user has had a factor since `held_since`.
[[nodiscard]] bool leans_on_factor(const Realm& realm,
                                   const passwords_table::StoredPassword& password,
                                   Time held_since);

// A hash made elsewhere. Fails with usage for an unknown format, refused (reason hash_too_costly,
// or weak_hash for what only a test database may hold). Threads may call it side by side.
[[nodiscard]] Result<KnownHash> accept_hash(std::string_view hash, bool test_database);

// Stores the hash, ends all sessions and drops all codes. Updates `user`, which the caller writes.
// Call inside a Transaction.
void store_password(Realm& realm, User& user, std::string_view hash, std::string_view set_by);

[[nodiscard]] bool has_password(Realm& realm, const User& user);

// Operator: no code, no old password. Ends all sessions. Fails with not_found.
[[nodiscard]] Result<User> set_password(Realm& realm, const UserRef& ref, const Secret& typed,
                                        bool must_change);

// What is wanted of a password: a session; a change to the user's own account, which is the way out
// of must_change_password; or to say, beside a mailed code, that it is one's own.
enum class Purpose { log_in, change_account, prove_address };

// Whether the user may, once proved. Fails with refused (reason disabled, unverified or
// must_change_password). Everybody may prove an address.
[[nodiscard]] Status check_may(const Realm& realm, const User& user, Purpose purpose);

// The right password of a user, proved.
struct Authenticated {
    User user;
    std::string address;                 // what its attempts are counted under
    std::string stored_hash;             // what it was compared with
    std::optional<std::string> new_hash; // set where the stored one is outdated
};

// Compares a password with a user's, absent ones included, counted beforehand. A wrong one takes
// equally long whoever's it is: one current hash, and what the outdated hashes in the database
// take. Fails with bad_credentials alike for every wrong answer, rate_limited or locked_out; after
// the right password as check_may. The act's transaction must go through check_authentication() and
// complete_authentication(), once the second factor was proved as well (prove_factor).
[[nodiscard]] Result<Authenticated> authenticate(Realm& realm, const UserRef& ref,
                                                 const Secret& typed,
                                                 Purpose purpose = Purpose::log_in);

// The password was right, and yet nothing came of it: what was counted for it is forgotten, as far
// as a password alone may say so. In a transaction of its own.
void forgive_password(Realm& realm, const User& user, std::string_view address);

// Reads the password again, in the transaction of the act. Fails with bad_credentials if it was
// changed meanwhile.
[[nodiscard]] Result<passwords_table::StoredPassword>
check_authentication(Realm& realm, const User& user, const Authenticated& proof);
// Clears the attempts, and stores a better hash.
void complete_authentication(Realm& realm, const passwords_table::StoredPassword& stored,
                             const Authenticated& proof);

} // namespace auth
