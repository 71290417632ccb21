// Getting and losing a second factor: an authenticator app and its recovery codes. A confirmed
// factor stays in force until the next one is confirmed.
#pragma once

#include "core/accounts/subject_proof.h"

#include <optional>
#include <vector>

namespace auth {

// Who changes the factor: the subject, by what it proved, or an operator, by nothing.
using ActorProof = std::optional<SubjectProof>;

// Keeps the secret as pending, in place of an earlier pending one. Fails as use_proof.
[[nodiscard]] Status enroll_totp(Realm& realm, const User& user, const Totp& totp,
                                 const ActorProof& proof);

// The factor has changed; a mail tells the user.
struct FactorChange {
    User user;
    std::vector<Secret> recovery_codes; // shown once
    bool changed = true;
};

// The right first code puts the pending secret in force; that code is used up. Counts on the
// ladder. Fails with refused (reason not_enrolled), bad_code, rate_limited or locked_out.
[[nodiscard]] Result<FactorChange> confirm_totp(Realm& realm, const User& user,
                                                const FactorAnswer& code, bool by_operator);
// Operator: a secret that is in use elsewhere comes into force without a code.
[[nodiscard]] Result<FactorChange> adopt_totp(Realm& realm, const User& user, const Totp& totp);

// Fails with refused, reason mfa_enrolment_required, where the subject must have a factor.
[[nodiscard]] Result<FactorChange> disable_factor(Realm& realm, const User& user,
                                                  const ActorProof& proof);
// A new set; the old one is void. Fails with refused, reason not_enrolled.
[[nodiscard]] Result<FactorChange> renew_recovery_codes(Realm& realm, const User& user,
                                                        const ActorProof& proof);
// The confirmed secret, for another place. Operators only: it is audited. Fails with refused,
// reason not_enrolled.
[[nodiscard]] Result<Totp> export_totp(Realm& realm, const User& user);

} // namespace auth
