#include "core/accounts/subject_proof.h"

#include "core/accounts/lockout.h"

namespace auth {

Result<SubjectProof> prove_account(Realm& realm, const UserRef& ref, const Secret& password,
                                   const AskFactor& ask) {
    SubjectProof proof;
    AUTH_TRY(proof.password, authenticate(realm, ref, password, Purpose::change_account));
    AUTH_TRY(proof.factor, prove_factor(realm, proof.password->user, proof.password->address, ask));
    return proof;
}

Result<SubjectProof> prove_holder(Realm& realm, const User& user, const AskFactor& ask) {
    SubjectProof proof;
    const std::string address = address_mac(realm, user.email_key);
    if (user.mfa)
        AUTH_CHECK(count_password_attempt(realm, address, user.id));
    AUTH_TRY(proof.factor, prove_factor(realm, user, address, ask));
    return proof;
}

Locks locks_of(const User& user, const SubjectProof& proof) {
    Locks locks = Locks::user(user.id);
    if (proof.password)
        locks = locks + Locks::address(proof.password->address);
    if (!proof.factor.address.empty())
        locks = locks + Locks::address(proof.factor.address);
    return locks;
}

void expect_proof(Realm& realm, const User& user, const SubjectProof& proof) {
    if (proof.password)
        passwords_table::expect(realm.database, user.id);
    expect_factor(realm, user, proof.factor);
}

Status use_proof(Realm& realm, const User& user, const SubjectProof& proof) {
    std::optional<passwords_table::StoredPassword> stored;
    if (proof.password) {
        AUTH_TRY(stored, check_authentication(realm, user, *proof.password));
    }
    AUTH_CHECK(use_factor(realm, user, proof.factor));
    if (stored)
        complete_authentication(realm, *stored, *proof.password);
    return {};
}

Result<SubjectProof> prove_login(Realm& realm, const UserRef& ref, const Secret& password,
                                 Purpose purpose, const AskFactor& ask) {
    SubjectProof proof;
    AUTH_TRY(proof.password, authenticate(realm, ref, password, purpose));
    const User& user = proof.password->user;
    const std::string& address = proof.password->address;
    if (auto allowed = check_factor_policy(realm, user); !allowed) {
        forgive_password(realm, user, address);
        return fail(allowed.error());
    }
    AUTH_TRY(proof.factor, prove_factor(realm, user, address, ask));
    return proof;
}

void release_proof(Realm& realm, const User& user, const SubjectProof& proof, ErrorCode why) {
    release_factor(realm, user, proof.factor, why);
    // The password was right, whatever went wrong afterwards.
    if (proof.password && !proof.factor.present())
        forgive_password(realm, user, proof.password->address);
}

} // namespace auth
