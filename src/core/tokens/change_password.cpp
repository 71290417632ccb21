#include "core/tokens/change_password.h"

#include "core/accounts/credentials.h"
#include "core/accounts/lockout.h"
#include "core/accounts/users_table.h"
#include "core/audit/audit.h"

namespace auth {

Result<Grant> change_own_password(Realm& realm, std::string_view user_id, const Secret& current,
                                  const Secret& wanted) {
    AUTH_TRY(UserId id, UserId::parse(user_id));
    AUTH_TRY(const Authenticated proof, authenticate(realm, UserRef(std::move(id)), current));
    const auto hash = hash_new_password(realm, wanted, own_words(proof.user));
    if (!hash) {
        forgive(realm, proof.address);
        return fail(hash.error());
    }
    Transaction transaction(realm.database);
    AUTH_CHECK(settle(realm, proof));
    // Written whole, so read again under the lock.
    User user = *users_table::find_by_id(realm.database, proof.user.id);
    store_password(realm, user, *hash, "subject");
    users_table::update(realm.database, user);
    record(realm, {"authn_password_change", user.id, true, {{"by", "subject"}}});
    Grant grant = open_session(realm, user, std::nullopt);
    AUTH_CHECK(sign(realm, grant));
    transaction.commit();
    return grant;
}

} // namespace auth
