#include "core/sessions/link_login.h"

#include "core/accounts/first_proof.h"
#include "core/accounts/lockout.h"
#include "core/audit/audit.h"
#include "core/codes/login_link.h"
#include "core/users/users_table.h"

namespace auth {
namespace {

Error wrong_link() {
    return error(ErrorCode::bad_code, "the link is wrong, was used or was replaced")
        .with_hint(NextStep{"login", {"EMAIL", "--send-link"}});
}

AuditEvent failure_event(std::string_view user_id, std::string_view reason) {
    return {"authn_login_fail", user_id, false, {{"reason", reason}, {"by", "link"}}};
}

void record_failure(Realm& realm, std::string_view user_id, std::string_view reason) {
    Transaction transaction(realm.database, Locks::user(user_id));
    record(realm, failure_event(user_id, reason));
    transaction.commit_for_certain();
}

// A right link, not used up yet.
struct ProvedLink {
    StoredLink link;
    User user;
};

Result<ProvedLink> prove_link(Realm& realm, const Secret& token,
                              const std::optional<UserRef>& whose) {
    auto link = find_link(realm, token);
    auto user = link ? users_table::find_by_id(realm.database, link->user_id) : std::nullopt;
    const auto wanted = whose ? users_table::find(realm.database, *whose) : user;
    if (!user || !wanted || wanted->id != user->id) {
        record_failure(realm, "", "bad_link");
        return fail(wrong_link());
    }
    if (judge(*link, realm.now()) == CodeVerdict::expired) {
        record_failure(realm, user->id, "expired");
        return fail(error(ErrorCode::expired, "the link has expired")
                        .with_hint(NextStep{"login", {"EMAIL", "--send-link"}}));
    }
    return ProvedLink{*std::move(link), *std::move(user)};
}

// What only the holder of a right link is told.
Status check_user(const Realm& realm, User user, std::string_view address) {
    AUTH_CHECK(check_not_locked(realm, address));
    user.verified_at = realm.now(); // the link is about to do so
    AUTH_CHECK(check_may(realm, user, Purpose::log_in));
    return check_factor_policy(realm, user);
}

Result<Grant> open_linked(Realm& realm, const ProvedLink& proved, const ProvedFactor& factor,
                          std::optional<Seconds> ttl) {
    Transaction transaction(realm.database,
                            Locks::user(proved.user.id) + Locks::address(factor.address));
    expect_factor(realm, proved.user, factor);
    SessionOpening opening(realm, proved.user.id);
    AUTH_TRY(User user, read_again(realm, proved.user, Purpose::log_in, true));
    AUTH_CHECK(opening.read(user));
    if (!consume_link(realm, proved.link))
        return fail(wrong_link());
    if (!user.verified_at) {
        (void)prove_address(realm, user, "link");
        users_table::update(realm.database, user);
    }
    AUTH_CHECK(use_factor(realm, user, factor));
    // The proof stands, even if it dropped the factor that a login needs.
    if (auto fit = check_factor_policy(realm, user); !fit) {
        record(realm, failure_event(user.id, fit.error().reason));
        transaction.commit();
        return fail(fit.error());
    }
    Grant grant = opening.open(user, ttl);
    transaction.commit();
    return grant;
}

} // namespace

Result<Grant> log_in_by_link(Realm& realm, const Secret& token, const std::optional<UserRef>& whose,
                             std::optional<Seconds> ttl, const AskFactor& ask) {
    AUTH_TRY(const ProvedLink proved, prove_link(realm, token, whose));
    const User& user = proved.user;
    const std::string address = address_mac(realm, user.email_key);
    if (auto fit = check_user(realm, user, address); !fit) {
        record_failure(realm, user.id, fit.error().reason);
        return fail(fit.error());
    }
    ProvedFactor factor{address};
    if (!factor_is_unproved(realm, user)) {
        if (user.mfa)
            AUTH_CHECK(count_password_attempt(realm, address, user.id));
        AUTH_TRY(factor, prove_factor(realm, user, address, ask));
    }
    auto grant = open_linked(realm, proved, factor, ttl);
    if (!grant)
        release_factor(realm, user, factor, grant.error().code);
    return grant;
}

} // namespace auth
