#include "core/sessions/session.h"

#include "core/accounts/credentials.h"
#include "core/accounts/lockout.h"
#include "core/accounts/notices.h"
#include "core/accounts/subject_proof.h"
#include "core/audit/audit.h"
#include "core/keys/signing_key.h"
#include "core/sessions/access.h"
#include "core/sessions/access_claims.h"
#include "core/sessions/refresh_token.h"
#include "core/sessions/sessions_table.h"
#include "core/settings/setting.h"
#include "core/users/users_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

Time access_expiry(const Realm& realm, const Session& session) {
    const Seconds ttl = realm.settings.given(setting<"token.ttl">)
                            ? realm.settings.get(setting<"token.ttl">)
                            : session.idle;
    return std::min(session.used_at + ttl, session.expires_at);
}

// Ends the session, outside of what the caller was doing, so that it holds whatever happens next.
Error end_for_reuse(Realm& realm, const Session& session) {
    (void)sessions_table::revoke(realm.database, session.id, "reuse", realm.now());
    record(realm, {.event = "authn_token_reuse",
                   .target = session.user_id,
                   .ok = false,
                   .detail = {{"session", session.id}, {"severity", "critical"}}});
    return error(ErrorCode::invalid_token,
                 "the refresh token was used before; its session has been ended")
        .with_reason("reused")
        .with_hint(NextStep{"login"});
}

// Makes the access token.
void sign(Realm& realm, const SigningKey& key, Grant& grant) {
    grant.access_expires_at = access_expiry(realm, grant.session);
    AccessOrder order;
    order.scope = realm.settings.get(setting<"token.scope">);
    order.issued_at = grant.session.used_at;
    order.expires_at = grant.access_expires_at;
    const Json claims = access_claims(realm, grant.user, grant.session, order);
    grant.access_token = Secret(sign_token(key, access_type, claims));
}

Result<Grant> open_proved(Realm& realm, const SubjectProof& proof, std::optional<Seconds> ttl) {
    const User& before = proof.password->user;
    Transaction transaction(realm.database, locks_of(before, proof));
    expect_proof(realm, before, proof);
    SessionOpening opening(realm, before.id);
    AUTH_TRY(const User user, read_again(realm, before, Purpose::log_in));
    AUTH_CHECK(opening.read(user));
    AUTH_CHECK(use_proof(realm, user, proof));
    Grant grant = opening.open(user, ttl);
    grant.may_wait = false;
    transaction.commit();
    return grant;
}

} // namespace

SessionState session_state(const Session& session, std::int64_t user_epoch, bool user_disabled,
                           Time now) {
    if (session.revoked_at)
        return SessionState::revoked;
    if (session.epoch != user_epoch || user_disabled)
        return SessionState::ended;
    if (now >= session.expires_at)
        return SessionState::expired;
    return now >= session.idle_expires_at() ? SessionState::idle : SessionState::live;
}

SessionState session_state(const Session& session, const User& user, Time now) {
    return session_state(session, user.session_epoch, user.disabled_at.has_value(), now);
}

std::string_view to_name(SessionState state) {
    switch (state) {
    case SessionState::live:
        return "live";
    case SessionState::idle:
        return "idle";
    case SessionState::expired:
        return "expired";
    case SessionState::revoked:
        return "revoked";
    case SessionState::ended:
        return "ended";
    }
    return {};
}

std::string_view to_name(SessionKind kind) {
    switch (kind) {
    case SessionKind::login:
        return "login";
    case SessionKind::issued:
        return "issued";
    case SessionKind::workload:
        return "workload";
    }
    return {};
}

Status check_may_change_account(const Session& session) {
    if (session.kind != SessionKind::workload)
        return {};
    return fail(error(ErrorCode::refused, "a workload's session cannot change how its user logs in")
                    .with_reason("workload_session")
                    .with_hint(NextStep{"login", {"EMAIL"}}));
}

Result<Grant> log_in(Realm& realm, const UserRef& ref, const Secret& password,
                     std::optional<Seconds> ttl, const AskFactor& ask) {
    AUTH_TRY(const SubjectProof proof, prove_login(realm, ref, password, Purpose::log_in, ask));
    auto grant = open_proved(realm, proof, ttl);
    if (!grant)
        release_proof(realm, proof.password->user, proof, grant.error().code);
    return grant;
}

SessionOpening::SessionOpening(Realm& realm, std::string_view user_id)
    : realm_(realm), now_(realm.now()), place_(realm, user_id) {
    expect_signing_key(realm, now_);
}

Status SessionOpening::read(const User& user) {
    place_.look(realm_, user);
    AUTH_TRY(SigningKey key, signing_key_at(realm_, now_));
    key_.emplace(std::move(key));
    return {};
}

Grant SessionOpening::open(const User& user, std::optional<Seconds> ttl) {
    Realm& realm = realm_;
    const Time now = now_;
    const Seconds cap = realm.settings.get(setting<"session.max">);
    Grant grant;
    grant.user = user;
    grant.user.last_login_at = now;
    Session& session = grant.session;
    session.id = new_uuid(realm.random, now);
    session.user_id = user.id;
    session.created_at = session.used_at = now;
    session.expires_at = now + cap;
    session.idle = std::min(ttl.value_or(realm.settings.get(setting<"session.idle">)), cap);
    session.epoch = user.session_epoch;
    grant.refresh_token = make_refresh_token(realm, session.id, session.generation);
    session.refresh_hash = refresh_hash(grant.refresh_token);
    sessions_table::remove_ended(realm.database, user.id, now - cap);
    sessions_table::insert(realm.database, session);
    users_table::note_login(realm.database, user.id, now);
    place_.note(realm, user);
    record(realm, {"authn_login_success", user.id, true, {{"session", session.id}}});
    sign(realm, *key_, grant);
    return grant;
}

Result<Grant> open_session(Realm& realm, const User& user, std::optional<Seconds> ttl) {
    SessionOpening opening(realm, user.id);
    AUTH_CHECK(opening.read(user));
    return opening.open(user, ttl);
}

std::string session_id(const Token& token) {
    return text_member(token.claims, "sid");
}

Result<Secret> next_refresh_token(Realm& realm, const Secret& current) {
    AUTH_TRY(const RefreshClaims claims, read_refresh_token(realm, current));
    return make_refresh_token(realm, claims.session_id, claims.generation + 1);
}

bool is_current(Realm& realm, const Secret& refresh_token) {
    const auto claims = read_refresh_token(realm, refresh_token);
    if (!claims)
        return false;
    const auto session = sessions_table::find(realm.database, claims->session_id);
    return session && session->refresh_hash == refresh_hash(refresh_token);
}

Result<Grant> renew(Realm& realm, const Secret& current, const Secret& next) {
    AUTH_TRY(const RefreshClaims claims, read_refresh_token(realm, current));
    const auto session = sessions_table::find(realm.database, claims.session_id);
    return renew(realm, current, next, session ? session->user_id : claims.session_id);
}

Result<Grant> renew(Realm& realm, const Secret& current, const Secret& next,
                    std::string_view user_id) {
    AUTH_TRY(const RefreshClaims claims, read_refresh_token(realm, current));
    const Time now = realm.now();
    Transaction transaction(realm.database, Locks::user(user_id));
    users_table::expect_by_id(realm.database, user_id);
    expect_signing_key(realm, now);
    const auto session = sessions_table::find(realm.database, claims.session_id);
    const auto user = users_table::find_by_id(realm.database, user_id);
    AUTH_CHECK(check_renewable(session, user, now));
    if (session->refresh_hash != refresh_hash(current) ||
        session->generation != claims.generation) {
        Error reused = end_for_reuse(realm, *session);
        transaction.commit();
        return fail(std::move(reused));
    }
    AUTH_TRY(const SigningKey key, signing_key_at(realm, now));
    Grant grant;
    grant.user = *user;
    grant.session = *session;
    grant.session.used_at = now;
    ++grant.session.generation;
    grant.session.refresh_hash = refresh_hash(next);
    grant.refresh_token = next.copy();
    sessions_table::rotate(realm.database, session->id, claims.generation,
                           grant.session.refresh_hash, now);
    sign(realm, key, grant);
    record(realm, {"authn_token_refreshed", user->id, true, {{"session", session->id}}});
    transaction.commit();
    return grant;
}

bool end_session(Realm& realm, std::string_view id, std::string_view reason) {
    const auto session = sessions_table::find(realm.database, id);
    if (!session || !sessions_table::revoke(realm.database, id, reason, realm.now()))
        return false;
    record(
        realm,
        {"session_ended", session->user_id, true, {{"session", session->id}, {"reason", reason}}});
    return true;
}

void end_all_sessions(Realm& realm, User& user) {
    ++user.session_epoch;
    user.updated_at = realm.now();
    users_table::end_sessions(realm.database, user.id, user.updated_at);
    record(realm, {"sessions_ended", user.id});
}

} // namespace auth
