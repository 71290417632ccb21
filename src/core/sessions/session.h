// Sessions: one login each. They slide by use, end when idle, and never outlive session.max. The
// refresh token rotates at each renewal; an old one that comes back ends its session (RFC 9700
// section 4.14).
#pragma once

#include "core/accounts/notices.h"
#include "core/accounts/second_factor.h"
#include "core/base/secret.h"
#include "core/jose/jose.h"
#include "core/keys/signing_key.h"
#include "core/realm.h"
#include "core/users/user.h"

#include <optional>
#include <string>
#include <string_view>

namespace auth {

// How a session began: by its user's login, by an operator who issued one token, or by a workload
// that its user's rules let in. The latter two have one token, which is not renewed, and so no
// refresh token.
enum class SessionKind { login, issued, workload };
[[nodiscard]] std::string_view to_name(SessionKind kind);

struct Session {
    std::string id; // UUID, the sid claim
    std::string user_id;
    SessionKind kind = SessionKind::login;
    Time created_at;
    Time used_at;
    Time expires_at; // the absolute cap
    Seconds idle{0};
    std::int64_t epoch = 0;      // the user's when it began
    std::int64_t generation = 0; // how often it was renewed
    std::string refresh_hash;    // SHA-256 of the current refresh token; empty where there is none
    std::optional<Time> revoked_at;
    std::string revoke_reason;

    [[nodiscard]] Time idle_expires_at() const { return std::min(used_at + idle, expires_at); }
};

// Whether whoever has the session may change how its user logs in. Fails with refused, reason
// workload_session.
[[nodiscard]] Status check_may_change_account(const Session& session);

// What has become of a session. Revoked ones were ended by themselves; ended ones with all others
// of their user, or with the user. Only a live one renews tokens or vouches for them.
enum class SessionState { live, idle, expired, revoked, ended };
[[nodiscard]] SessionState session_state(const Session& session, std::int64_t user_epoch,
                                         bool user_disabled, Time now);
[[nodiscard]] SessionState session_state(const Session& session, const User& user, Time now);
[[nodiscard]] std::string_view to_name(SessionState state);

// What a login or a renewal hands out.
struct Grant {
    User user;
    Session session;
    Secret access_token;
    Secret refresh_token;
    Time access_expires_at;
    // Whether the address may have to wait for its next attempt: not after the right password.
    bool may_wait = true;
};

// Authenticates by password, and by the second factor where the user has one, and opens a session.
// `ttl` replaces session.idle for this session, up to session.max. Fails as authenticate,
// check_factor_policy and prove_factor.
[[nodiscard]] Result<Grant> log_in(Realm& realm, const UserRef& ref, const Secret& password,
                                   std::optional<Seconds> ttl, const AskFactor& ask = {});
// Opens a session for a user who has been authenticated, and signs its access token. Made inside a
// Transaction, so that what it reads is asked together with what the act reads; read() comes before
// the act writes, and open() at its end.
class SessionOpening {
  public:
    SessionOpening(Realm& realm, std::string_view user_id);
    // Fails as current_signing_key.
    [[nodiscard]] Status read(const User& user);
    [[nodiscard]] Grant open(const User& user, std::optional<Seconds> ttl);

  private:
    Realm& realm_;
    Time now_;
    LoginPlace place_;
    std::optional<SigningKey> key_;
};
// All of it at once.
[[nodiscard]] Result<Grant> open_session(Realm& realm, const User& user,
                                         std::optional<Seconds> ttl);

// The session that the token names in its sid claim, or "".
[[nodiscard]] std::string session_id(const Token& token);

// The refresh token that would follow `current`; write it down before renew() makes it count.
[[nodiscard]] Result<Secret> next_refresh_token(Realm& realm, const Secret& current);
// Rotates `current` into `next` and signs a new access token. Fails with invalid_token (reason
// "reused" once the session was ended for it, "revoked", "malformed") or expired.
[[nodiscard]] Result<Grant> renew(Realm& realm, const Secret& current, const Secret& next);
// The same where the caller knows whose session it is.
[[nodiscard]] Result<Grant> renew(Realm& realm, const Secret& current, const Secret& next,
                                  std::string_view user_id);
// Whether this is the token that its session expects.
[[nodiscard]] bool is_current(Realm& realm, const Secret& refresh_token);

// Ends one session; false where it had ended. Call inside a Transaction.
bool end_session(Realm& realm, std::string_view id, std::string_view reason);
// Ends all sessions of the user and says so in the trail. Call inside a Transaction.
void end_all_sessions(Realm& realm, User& user);

} // namespace auth
