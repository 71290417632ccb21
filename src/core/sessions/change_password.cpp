#include "core/sessions/change_password.h"

#include "core/accounts/first_proof.h"
#include "core/accounts/notices.h"
#include "core/accounts/subject_proof.h"
#include "core/audit/audit.h"
#include "core/users/users_table.h"

namespace auth {
namespace {

Status check_differs(const User& user, const Secret& current, const Secret& wanted) {
    if (!user.must_change_password || current.reveal() != wanted.reveal())
        return {};
    return fail(error(ErrorCode::refused, "the new password must be different from the current one")
                    .with_reason("weak_password")
                    .with_field("password"));
}

Result<std::string> new_hash(Realm& realm, const User& user, const Secret& current,
                             const Secret& wanted) {
    AUTH_CHECK(check_differs(user, current, wanted));
    return hash_new_password(realm, wanted, user);
}

// Call inside a Transaction.
Result<User> replace_password(Realm& realm, const SubjectProof& proof, const std::string& hash) {
    const User& before = proof.password->user;
    AUTH_TRY(User user, read_again(realm, before, Purpose::change_account));
    AUTH_CHECK(use_proof(realm, user, proof));
    store_password(realm, user, hash, set_up_by(user, false));
    user.must_change_password = false;
    users_table::update(realm.database, user);
    record(realm, {"authn_password_change", user.id, true, {{"by", "subject"}}});
    notify(realm, user, password_changed_letter());
    return user;
}

// Hashes, then runs the act, and sees to the proof where either fails.
template <class Act>
auto change_proved(Realm& realm, const SubjectProof& proof, const Secret& current,
                   const Secret& wanted, Act act) -> decltype(act(std::string())) {
    const User& user = proof.password->user;
    const auto run = [&]() -> decltype(act(std::string())) {
        AUTH_TRY(const std::string hash, new_hash(realm, user, current, wanted));
        Transaction transaction(realm.database, locks_of(user, proof));
        expect_proof(realm, user, proof);
        users_table::expect_by_id(realm.database, user.id);
        auto done = act(hash);
        if (done)
            transaction.commit();
        return done;
    };
    auto done = run();
    if (!done)
        release_proof(realm, user, proof, done.error().code);
    return done;
}

} // namespace

Result<Grant> change_own_password(Realm& realm, const UserRef& ref, const Secret& current,
                                  const Secret& wanted, const AskFactor& ask,
                                  std::optional<Seconds> ttl) {
    AUTH_TRY(const SubjectProof proof,
             prove_login(realm, ref, current, Purpose::change_account, ask));
    return change_proved(realm, proof, current, wanted,
                         [&](const std::string& hash) -> Result<Grant> {
                             const User& before = proof.password->user;
                             SessionOpening opening(realm, before.id);
                             AUTH_CHECK(opening.read(before));
                             AUTH_TRY(const User user, replace_password(realm, proof, hash));
                             AUTH_CHECK(check_factor_policy(realm, user));
                             return opening.open(user, ttl);
                         });
}

Result<User> set_own_password(Realm& realm, const UserRef& ref, const Secret& current,
                              const Secret& wanted, const AskFactor& ask) {
    AUTH_TRY(const SubjectProof proof, prove_account(realm, ref, current, ask));
    return change_proved(realm, proof, current, wanted, [&](const std::string& hash) {
        return replace_password(realm, proof, hash);
    });
}

} // namespace auth
