// Proving an address by a mailed code, and setting a new password by one.
#pragma once

#include "core/base/secret.h"
#include "core/mail/mailer.h"
#include "core/realm.h"
#include "core/users/user.h"

#include <optional>
#include <string_view>

namespace auth {

// Issues a code and its mail. Call inside a Transaction.
[[nodiscard]] Mail post_verification(Realm& realm, const User& user);

// 1 to 10 digits, white space around them ignored. Fails with usage, field "code".
[[nodiscard]] Result<Secret> parse_code(std::string_view typed);

struct Verified {
    User user;
    bool changed = false;
};

// The right code activates the user. Fails alike for known and unknown addresses: bad_code for a
// wrong, used, replaced or burnt one, expired for a right one that is too old, locked_out.
[[nodiscard]] Result<Verified> verify_user(Realm& realm, const UserRef& ref, const Secret& code);
// Operator: no code. Fails with not_found.
[[nodiscard]] Result<Verified> verify_by_operator(Realm& realm, const UserRef& ref);

// All answer alike whether or not there is anybody to mail; nothing means that there was not. Fail
// with rate_limited.
[[nodiscard]] Result<std::optional<Mail>> resend_verification(Realm& realm, const UserRef& ref);
[[nodiscard]] Result<std::optional<Mail>> request_reset(Realm& realm, const UserRef& ref);
[[nodiscard]] Result<std::optional<Mail>> request_link(Realm& realm, const UserRef& ref);

// The address was proved to be the user's: what nobody vouched for, the password of whoever signed
// up and a second factor set beside it, is voided, and its sessions end. Updates `user`, which the
// caller writes. Call inside a Transaction.
void mark_verified(Realm& realm, User& user, std::string_view by);

// The right reset code sets the password, verifies the address, ends all locks and sessions. Fails
// as verify_user, and with usage or refused for the password, which leaves the code as it was.
[[nodiscard]] Result<User> reset_password(Realm& realm, const UserRef& ref, const Secret& code,
                                          const Secret& password);

} // namespace auth
