#include "core/accounts/first_proof.h"

#include "core/accounts/credentials.h"
#include "core/accounts/imported_credentials.h"
#include "core/accounts/notices.h"
#include "core/accounts/passwords_table.h"
#include "core/accounts/recovery_codes_table.h"
#include "core/accounts/totp_table.h"
#include "core/audit/audit.h"

namespace auth {
namespace {

using totp_table::State;
constexpr std::string_view unproved = "signup";

bool drop_password(Realm& realm, const User& user, const AlsoProved& also) {
    const auto password = passwords_table::find(realm.database, user.id);
    if (!password || password->set_by != unproved)
        return false;
    if (also.password) {
        passwords_table::vouch(realm.database, user.id);
    } else {
        remember_import(realm, user.id, *password);
        (void)passwords_table::remove(realm.database, user.id);
    }
    return !also.password;
}

// A secret that waits to be confirmed is never kept: it can be shared again.
bool drop_unproved_factor(Realm& realm, User& user, const AlsoProved& also) {
    Database& database = realm.database;
    const auto pending = totp_table::find(database, user.id, State::pending);
    if (pending && pending->set_by == unproved)
        (void)totp_table::remove(database, user.id, State::pending);
    if (also.password && also.factor) {
        totp_table::vouch(database, user.id);
        recovery_codes_table::vouch(database, user.id);
        return false;
    }
    const auto held = totp_table::find(database, user.id, State::confirmed);
    if (!held || held->set_by != unproved)
        return recovery_codes_table::remove_unproved(database, user.id) > 0;
    (void)totp_table::remove(database, user.id, State::confirmed);
    recovery_codes_table::remove_all(database, user.id);
    user.mfa = false;
    const auto password = passwords_table::find(database, user.id);
    if (password && leans_on_factor(realm, *password, held->held_since))
        user.must_change_password = true;
    return true;
}

std::string_view in_words(const Dropped& dropped) {
    if (!dropped.factor)
        return "the password";
    return dropped.password ? "the password and the second factor" : "the second factor";
}

} // namespace

std::string_view set_up_by(const User& user, bool by_operator) {
    if (by_operator)
        return "operator";
    return user.verified_at ? "subject" : unproved;
}

bool factor_is_unproved(Realm& realm, const User& user) {
    if (user.verified_at)
        return false;
    const auto held = totp_table::find(realm.database, user.id, State::confirmed);
    return held && held->set_by == unproved;
}

std::optional<Dropped> drop_unproved(Realm& realm, User& user, const AlsoProved& also) {
    if (user.verified_at)
        return std::nullopt;
    user.verified_at = user.updated_at = realm.now();
    Dropped dropped;
    dropped.password = drop_password(realm, user, also);
    dropped.factor = drop_unproved_factor(realm, user, also);
    // No session is an operator's doing: whoever logged in was not known to own the address.
    if (!also.password || dropped.any())
        ++user.session_epoch;
    return dropped;
}

void note_first_proof(Realm& realm, const User& user, std::string_view by, const Dropped& dropped) {
    record(realm, {.event = "user_verified",
                   .target = user.id,
                   .detail = {{"by", by},
                              {"password_voided", dropped.password},
                              {"factor_voided", dropped.factor}}});
    if (dropped.any())
        post(realm, recipient_of(user), set_up_dropped_letter(in_words(dropped)),
             Departure::notice);
}

Dropped prove_address(Realm& realm, User& user, std::string_view by, const AlsoProved& also) {
    const auto dropped = drop_unproved(realm, user, also);
    if (!dropped)
        return {};
    note_first_proof(realm, user, by, *dropped);
    return *dropped;
}

} // namespace auth
