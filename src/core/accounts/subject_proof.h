// What a subject proves of itself before an act: the password, the second factor, or both.
#pragma once

#include "core/accounts/credentials.h"
#include "core/accounts/second_factor.h"

#include <optional>

namespace auth {

// What a subject proved of itself, all of it to be used in the transaction of the act.
struct SubjectProof {
    std::optional<Authenticated> password{};
    ProvedFactor factor{};
};
// For a change to the account: the password, and the factor where the user has one. Fails as
// authenticate and prove_factor.
[[nodiscard]] Result<SubjectProof> prove_account(Realm& realm, const UserRef& ref,
                                                 const Secret& password, const AskFactor& ask);
// The same for somebody known by other means, a login or an operator's word.
[[nodiscard]] Result<SubjectProof> prove_holder(Realm& realm, const User& user,
                                                const AskFactor& ask);
// For a session: it needs a factor where mfa.required says so. Fails as check_factor_policy as
// well.
[[nodiscard]] Result<SubjectProof> prove_login(Realm& realm, const UserRef& ref,
                                               const Secret& password, Purpose purpose,
                                               const AskFactor& ask);

// What the transaction that uses the proof must lock.
[[nodiscard]] Locks locks_of(const User& user, const SubjectProof& proof);
// As Statement::expect, for use_proof().
void expect_proof(Realm& realm, const User& user, const SubjectProof& proof);
// Uses the proof up: check_authentication, use_factor and complete_authentication.
[[nodiscard]] Status use_proof(Realm& realm, const User& user, const SubjectProof& proof);
// Instead, if the act failed: as release_factor, and the right password is forgiven.
void release_proof(Realm& realm, const User& user, const SubjectProof& proof, ErrorCode why);

} // namespace auth
