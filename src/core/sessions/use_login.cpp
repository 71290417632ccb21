#include "core/sessions/use_login.h"

#include "core/base/file_state.h"
#include "core/base/private_file.h"
#include "core/keys/signing_key.h"
#include "core/sessions/refresh_token.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace auth {
namespace {

Result<StoredLogin> require_login(const TokenFiles& files) {
    AUTH_TRY(auto login, read_login(files));
    if (!login)
        return fail(nobody_logged_in(files));
    if (const auto token = parse_token(login->access_token.reveal()); !token)
        return fail(not_a_token(files, token.error()));
    return std::move(*login);
}

// A stored login and what its access token proves; or, where the token's key vouches for nothing
// any more, the failure that says so.
struct Held {
    StoredLogin login;
    Result<Access> access;
};

// Such a token may still be renewed: that goes by the refresh token.
bool key_is_gone(const Error& failure) {
    return failure.reason == to_name(Reason::revoked_key) ||
           failure.reason == to_name(Reason::retired_key);
}

std::string named_session(const Held& held) {
    if (held.access)
        return held.access->session.id;
    const auto token = parse_token(held.login.access_token.reveal());
    return token ? session_id(*token) : "";
}

// Whether this is the token that the session expects, which was read with the access token.
bool is_expected(Realm& realm, const Held& held, const Secret& refresh_token) {
    return held.access ? held.access->session.refresh_hash == refresh_hash(refresh_token)
                       : is_current(realm, refresh_token);
}

Result<Held> examine(Realm& realm, StoredLogin login) {
    Held held{std::move(login), {}};
    held.access = check_access(realm, held.login.access_token.reveal(), TokenUse::renew);
    if (!held.access && !key_is_gone(held.access.error()))
        return fail(held.access.error());
    // A renewal that was cut short may have made the noted token the current one.
    auto& [_, current, next, id] = held.login;
    if (next && is_expected(realm, held, *next))
        current = std::move(next);
    if (!current)
        return held;
    // A session file of another login would turn this one into that.
    AUTH_TRY(const RefreshClaims claims, read_refresh_token(realm, *current));
    if (claims.session_id != named_session(held))
        current.reset();
    return held;
}

// Every use is a renewal, but uses within a sixtieth of the idle limit count as one: a loop of
// commands does not write to the disk each time.
bool renewal_due(const Held& held, Time now) {
    return !held.access || now >= held.access->session.used_at + held.access->session.idle / 60 ||
           now >= held.access->expires_at;
}

Result<StoredAccess> look_at(Realm& realm, StoredLogin login) {
    AUTH_TRY(Access access, check_access(realm, login.access_token.reveal(), TokenUse::act));
    return StoredAccess{std::move(access), std::move(login.access_token)};
}

StoredAccess as_it_stands(Held held) {
    return {*std::move(held.access), std::move(held.login.access_token)};
}

// The files say what is about to happen before it does, so that no crash loses the session. Call
// under the lock, unless in a dry run.
Result<StoredAccess> rotate(Realm& realm, const TokenFiles& files, const Held& held) {
    const StoredLogin& login = held.login;
    AUTH_TRY(const Secret next, next_refresh_token(realm, *login.refresh_token));
    if (!realm.dry_run)
        AUTH_CHECK(write_next(files, login, next, realm.random));
    AUTH_TRY(Grant grant, held.access
                              ? renew(realm, *login.refresh_token, next, held.access->user.id)
                              : renew(realm, *login.refresh_token, next));
    if (!realm.dry_run)
        AUTH_CHECK(write_login(files, grant, realm.random));
    AUTH_TRY(Token token, parse_token(grant.access_token.reveal()));
    return StoredAccess{{std::move(grant.user), std::move(grant.session), std::move(token.header),
                         std::move(token.claims), grant.access_expires_at,
                         !held.access || held.access->anybody_waits},
                        std::move(grant.access_token)};
}

Result<bool> signed_by_current_key(Realm& realm, const Access& access) {
    AUTH_TRY(const SigningKey key, current_signing_key(realm));
    return access.header.value("alg", "") == to_name(key.algorithm()) &&
           access.header.value("kid", "") == key.kid();
}

// Whether somebody else has just done what is wanted at `asked`.
Result<bool> just_renewed(Realm& realm, const Held& held, Time asked) {
    const Session& session = held.access->session;
    const Time now = realm.now();
    const bool recent = session.generation > 0 && session.used_at > asked - fresh_for &&
                        session.used_at <= now && held.access->expires_at > now;
    // The token may be older than its session: a crash came between the two files.
    const bool whole = held.access->claims.at("iat") == unix_seconds(session.used_at) &&
                       is_expected(realm, held, *held.login.refresh_token);
    return recent && whole ? signed_by_current_key(realm, *held.access) : false;
}

// Whether the files say what they said, and of no renewal that was begun: then what was found out
// about them is still so, since everybody else who renews writes there first.
bool unchanged(const StoredLogin& login, const StoredLogin& before) {
    return !login.next_refresh_token &&
           login.access_token.reveal() == before.access_token.reveal() && login.refresh_token &&
           login.refresh_token->reveal() == before.refresh_token->reveal();
}

// Whether it may be half of a file that is being written in place.
bool may_be_torn(const Error& failure) {
    return failure.code == ErrorCode::invalid_token &&
           (is_about_text(failure.reason) || failure.reason == to_name(Reason::bad_signature));
}

Error not_renewable(std::string message) {
    return error(ErrorCode::refused, std::move(message))
        .with_reason("no_refresh_token")
        .with_hint(NextStep{"login"});
}

Result<StoredAccess> use_as_it_stands(Realm& realm, const TokenFiles& files, Use use) {
    AUTH_TRY(StoredLogin login, require_login(files));
    if (use == Use::look || realm.dry_run || !login.refresh_token)
        return look_at(realm, std::move(login));
    const bool begun = login.next_refresh_token.has_value();
    AUTH_TRY(Held seen, examine(realm, std::move(login)));
    if (!seen.login.refresh_token)
        return look_at(realm, std::move(seen.login));
    if (!renewal_due(seen, realm.now()))
        return as_it_stands(std::move(seen));

    AUTH_TRY(const FileLock lock, FileLock::acquire(files.lock));
    // Another process may have renewed it while this one waited.
    AUTH_TRY(login, require_login(files));
    if (!begun && unchanged(login, seen.login))
        return rotate(realm, files, seen);
    AUTH_TRY(Held held, examine(realm, std::move(login)));
    if (!held.login.refresh_token)
        return look_at(realm, std::move(held.login));
    if (!renewal_due(held, realm.now()))
        return as_it_stands(std::move(held));
    return rotate(realm, files, held);
}

} // namespace

Error nobody_logged_in(const TokenFiles& files) {
    const std::string why = file_state(files.token).present
                                ? name_of_token_file(files) + " is empty"
                                : fmt::format("there is no token '{}'", files.token.string());
    return error(ErrorCode::login_required, "nobody is logged in: " + why)
        .with_hint(NextStep{"login", {"EMAIL"}});
}

Result<StoredAccess> use_login(Realm& realm, const TokenFiles& files, Use use) {
    auto used = use_as_it_stands(realm, files, use);
    if (used || !may_be_torn(used.error()) || !file_state(files.lock).present)
        return used;
    // Whoever writes it holds the lock.
    if (!FileLock::acquire(files.lock))
        return used;
    return use_as_it_stands(realm, files, use);
}

Result<Refreshed> refresh_login(Realm& realm, const TokenFiles& files,
                                std::optional<Seconds> if_under) {
    const Time asked = realm.now();
    std::optional<FileLock> lock;
    if (!realm.dry_run) {
        AUTH_TRY(lock, FileLock::acquire(files.lock));
    }
    AUTH_TRY(StoredLogin login, require_login(files));
    if (!login.refresh_token)
        return fail(not_renewable("the stored login has no refresh token"));
    AUTH_TRY(Held held, examine(realm, std::move(login)));
    if (!held.login.refresh_token)
        return fail(
            not_renewable(fmt::format("'{}' belongs to another login", files.session.string())));
    if (held.access) {
        if (if_under && held.access->expires_at - realm.now() >= *if_under)
            return Refreshed{as_it_stands(std::move(held)), false};
        AUTH_TRY(const bool done, just_renewed(realm, held, asked));
        if (done)
            return Refreshed{as_it_stands(std::move(held)), false};
    }
    AUTH_TRY(StoredAccess renewed, rotate(realm, files, held));
    return Refreshed{std::move(renewed), true};
}

} // namespace auth
