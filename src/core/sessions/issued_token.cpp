#include "core/sessions/issued_token.h"

#include "core/accounts/accounts.h"
#include "core/audit/audit.h"
#include "core/base/text.h"
#include "core/keys/signing_key.h"
#include "core/keys/signing_keys_table.h"
#include "core/sessions/access_claims.h"
#include "core/sessions/sessions_table.h"
#include "core/settings/setting.h"
#include "core/users/users_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

constexpr std::size_t longest_token = 64UL * 1024;

Status check_order(const IssueOrder& order, Seconds ttl) {
    if (ttl < Seconds(1) || ttl > longest_issued_life)
        return fail(error(ErrorCode::usage, fmt::format("a token's life must be from 1s to {}",
                                                        to_text(longest_issued_life)))
                        .with_field("ttl"));
    for (const std::string& audience : order.audiences)
        AUTH_CHECK(parse_line("aud", audience));
    if (!order.scope.empty())
        AUTH_CHECK(parse_line("scope", order.scope));
    for (const auto& [name, value] : order.claims.items())
        if (claim_is_reserved(name))
            return fail(
                error(ErrorCode::usage,
                      fmt::format("the claim {} is set by the program alone", in_quotes(name)))
                    .with_field("claim")
                    .with_hint(name == "aud" || name == "scope" ? fmt::format("--{}", name)
                               : name == "exp"                  ? "--ttl"
                                                                : ""));
    return {};
}

Session open_unrenewed(Realm& realm, const User& user, SessionKind kind, Seconds ttl) {
    const Time now = realm.now();
    Session session;
    session.id = new_uuid(realm.random, now);
    session.user_id = user.id;
    session.kind = kind;
    session.created_at = session.used_at = now;
    session.expires_at = now + ttl;
    session.idle = ttl;
    session.epoch = user.session_epoch;
    sessions_table::insert(realm.database, session);
    return session;
}

} // namespace

Result<IssuedToken> issue_token(Realm& realm, const UserRef& ref, const IssueOrder& order) {
    const Seconds ttl = order.ttl.value_or(
        realm.settings.get(realm.settings.given(setting<"token.ttl">) ? setting<"token.ttl">
                                                                      : setting<"session.idle">));
    AUTH_CHECK(check_order(order, ttl));
    AUTH_TRY(const std::string id, id_of(realm, ref));
    const Time now = realm.now();
    Transaction transaction(realm.database, Locks::user(id));
    expect_signing_key(realm, now);
    AUTH_TRY(User user, read_locked(realm, ref, id));
    if (user.disabled_at)
        return fail(error(ErrorCode::refused, fmt::format("{} is disabled", user.email))
                        .with_reason("disabled")
                        .with_hint(NextStep{"enable", {user.email_key}}));
    std::optional<SigningKey> current;
    if (order.key == nullptr) {
        AUTH_TRY(SigningKey found, signing_key_at(realm, now));
        current.emplace(std::move(found));
    }
    const SigningKey& key = order.key != nullptr ? *order.key : *current;
    Session session = open_unrenewed(realm, user, SessionKind::issued, ttl);
    AccessOrder access;
    access.audiences = order.audiences;
    access.scope = order.scope;
    access.extra = order.claims;
    access.issued_at = session.created_at;
    access.expires_at = session.expires_at;
    const Json claims = access_claims(realm, user, session, access);
    Secret token(sign_token(key, access_type, claims));
    if (token.size() > longest_token)
        return fail(
            error(ErrorCode::usage, fmt::format("the token would be over {} bytes", longest_token))
                .with_field("claim"));
    // Everybody who issues a token waits for this row.
    signing_keys_table::note_expiry(realm.database, key.kid(), session.expires_at);
    record(realm, {.event = "authn_token_created",
                   .target = user.id,
                   .detail = {{"session", session.id},
                              {"jti", claims.at("jti")},
                              {"aud", claims.value("aud", Json())},
                              {"expires_at", to_rfc3339(session.expires_at)}}});
    transaction.commit();
    const Time expires_at = session.expires_at;
    return IssuedToken{std::move(user), std::move(session), std::move(token), expires_at};
}

Grant open_workload_session(Realm& realm, const SigningKey& key, const User& user, Seconds ttl) {
    const Seconds cap = realm.settings.get(setting<"session.max">);
    sessions_table::remove_ended(realm.database, user.id, realm.now() - cap);
    Grant grant;
    grant.user = user;
    grant.session = open_unrenewed(realm, user, SessionKind::workload, std::min(ttl, cap));
    grant.user.last_login_at = grant.session.created_at;
    grant.access_expires_at = grant.session.expires_at;
    AccessOrder access;
    access.scope = realm.settings.get(setting<"token.scope">);
    access.issued_at = grant.session.created_at;
    access.expires_at = grant.access_expires_at;
    grant.access_token = Secret(
        sign_token(key, access_type, access_claims(realm, grant.user, grant.session, access)));
    signing_keys_table::note_expiry(realm.database, key.kid(), grant.access_expires_at);
    users_table::note_login(realm.database, user.id, grant.session.created_at);
    record(realm, {"authn_login_success", user.id, true, {{"session", grant.session.id}}});
    return grant;
}

} // namespace auth
