// Proving an address by a mailed code, and setting a new password by one. The first proof drops
// what a person set up before it: see first_proof.h.
#pragma once

#include "core/accounts/first_proof.h"
#include "core/accounts/second_factor.h"
#include "core/base/secret.h"
#include "core/realm.h"
#include "core/users/user.h"

#include <functional>
#include <optional>
#include <string_view>

namespace auth {

// Issues a code and posts its mail. Call inside a Transaction.
void post_verification(Realm& realm, const User& user);

// 1 to 10 digits, white space around them ignored. Fails with usage, field "code".
[[nodiscard]] Result<Secret> parse_code(std::string_view typed);

struct Verified {
    User user;
    bool changed = false;
    Dropped dropped{};
};

// What a person can prove besides the code, so that it stays. Called only once the code was right
// and where there is such a thing; empty where there is nobody to ask. `password` gives nothing,
// and `factor` fails with the reason mfa_required, for a person who has none: then it is dropped.
struct AskKept {
    std::function<Result<std::optional<Secret>>()> password{};
    AskFactor factor{};
};

// The right code activates the user. Fails alike for known and unknown addresses: bad_code for a
// wrong, used, replaced or burnt one, expired for a right one that is too old, locked_out. After
// the right code it fails as authenticate and prove_factor, and leaves the code as it was.
[[nodiscard]] Result<Verified> verify_user(Realm& realm, const UserRef& ref, const Secret& code,
                                           const AskKept& ask = {});
// Operator: no code. Fails with not_found.
[[nodiscard]] Result<Verified> verify_by_operator(Realm& realm, const UserRef& ref);

// All do alike whether or not there is anybody to mail: a mail is posted, and taken back if there
// is not. Fail with rate_limited.
[[nodiscard]] Status resend_verification(Realm& realm, const UserRef& ref);
[[nodiscard]] Status request_reset(Realm& realm, const UserRef& ref);
[[nodiscard]] Status request_link(Realm& realm, const UserRef& ref);

// The right reset code sets the password, proves the address, ends all locks and sessions. Fails
// as verify_user, and with usage or refused for the password, which leaves the code as it was.
[[nodiscard]] Result<User> reset_password(Realm& realm, const UserRef& ref, const Secret& code,
                                          const Secret& password);

} // namespace auth
