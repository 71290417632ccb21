#include "core/accounts/accounts.h"

#include "core/accounts/attempts_table.h"
#include "core/accounts/credentials.h"
#include "core/accounts/first_proof.h"
#include "core/accounts/lockout.h"
#include "core/accounts/passwords_table.h"
#include "core/accounts/verification.h"
#include "core/audit/audit.h"
#include "core/base/text.h"
#include "core/codes/code.h"
#include "core/users/user_roles_table.h"
#include "core/users/users_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

Error no_such_user(Realm& realm, const UserRef& ref) {
    Error failure = error(ErrorCode::not_found, fmt::format("there is no user '{}'", to_text(ref)));
    // Neighbours in order of address are the likeliest slips, and cost one index look-up. The
    // domain must be right: most addresses of a company differ in little else than the name.
    if (const auto* email = std::get_if<Email>(&ref)) {
        users_table::Page page;
        page.limit = 20;
        page.after_value = email->canonical().substr(0, 1);
        page.after_id = "0";
        const std::string domain = email->canonical().substr(email->local_part().size());
        std::vector<std::string> near;
        for (const auto& row : users_table::list(realm.database, page))
            if (row.user.email_key.ends_with(domain))
                near.push_back(
                    row.user.email_key.substr(0, row.user.email_key.size() - domain.size()));
        if (const std::string meant = nearest(email->local_part(), near); !meant.empty())
            failure.hint = fmt::format("did you mean '{}{}'?", meant, domain);
    }
    if (failure.hint.empty())
        failure.hint = NextStep{"list"};
    return failure;
}

User user_of(Realm& realm, const NewUser& wanted, const ProfileChange& profile) {
    User user = fresh_user(realm, wanted.email);
    apply_profile(user, profile);
    user.must_change_password = wanted.must_change_password;
    for (const RoleName& role : wanted.roles)
        user.roles.push_back(role.text());
    std::ranges::sort(user.roles);
    user.roles.erase(std::unique(user.roles.begin(), user.roles.end()), user.roles.end());
    if (wanted.verified)
        user.verified_at = user.created_at;
    if (wanted.disabled)
        user.disabled_at = user.created_at;
    return user;
}

Result<std::optional<std::string>> hash_of(Realm& realm, const NewUser& wanted, const User& user) {
    if (wanted.password_hash) {
        AUTH_TRY(KnownHash accepted, accept_hash(*wanted.password_hash, realm.test));
        return std::optional(std::move(accepted.stored));
    }
    if (!wanted.password)
        return std::nullopt;
    AUTH_TRY(std::string hash, hash_new_password(realm, *wanted.password, user));
    return std::optional(std::move(hash));
}

Status check_free(Realm& realm, const Email& email) {
    if (users_table::find_by_email_key(realm.database, email.canonical()))
        return fail(email_taken(email));
    return {};
}

// Whoever signs up asks for a mail, to an address that may be anybody's, or after who is here: that
// counts whatever comes of it.
Locks locks_of_request(const Realm& realm, const Email& email) {
    return Locks::address(address_mac(realm, email.canonical())) + Locks::mails();
}

Locks locks_of_username(std::string_view username) {
    return Locks::named(fmt::format("username {}", lower_ascii(username)));
}

Status count_sign_up(Realm& realm, const Email& email) {
    Transaction transaction(realm.database, locks_of_request(realm, email));
    const std::string address = address_mac(realm, email.canonical());
    const Time now = realm.now();
    expect_request(realm, address, CodePurpose::verify, now);
    AUTH_CHECK(count_request(realm, address, CodePurpose::verify, now));
    transaction.commit_for_certain();
    return check_free(realm, email);
}

} // namespace

Result<User> require_user(Realm& realm, const UserRef& ref) {
    if (auto user = users_table::find(realm.database, ref))
        return *std::move(user);
    return fail(no_such_user(realm, ref));
}

Locks locks_of_names(std::string_view email_key, const std::optional<std::string>& username) {
    const Locks locks = Locks::named(fmt::format("email {}", email_key));
    return username ? locks + locks_of_username(*username) : locks;
}

Result<std::string> id_of(Realm& realm, const UserRef& ref) {
    if (const auto* id = std::get_if<UserId>(&ref))
        return std::string(id->text());
    AUTH_TRY(const User user, require_user(realm, ref));
    return user.id;
}

Result<User> read_locked(Realm& realm, const UserRef& ref, std::string_view id) {
    AUTH_TRY(User user, require_user(realm, ref));
    if (user.id == id)
        return user;
    return fail(error(ErrorCode::database_busy,
                      fmt::format("'{}' was given to another user meanwhile; nothing was changed",
                                  to_text(ref)))
                    .with_hint("run the command again"));
}

User fresh_user(Realm& realm, const Email& email) {
    User user;
    user.created_at = user.updated_at = realm.now();
    user.id = UserId::make(realm.random, user.created_at).text();
    user.email = email.original();
    user.email_key = email.canonical();
    return user;
}

Error email_taken(const Email& email) {
    return error(ErrorCode::exists, fmt::format("{} already exists", in_quotes(email.original())))
        .with_field("email")
        .with_hint(NextStep{"show", {std::string(email.canonical())}});
}

Locks locks_of_creation(const Realm& realm, const NewUser& wanted) {
    const Locks locks = locks_of_names(wanted.email.canonical(), wanted.profile.username);
    return realm.operated ? locks : locks + locks_of_request(realm, wanted.email);
}

Result<User> create_user(Realm& realm, const NewUser& wanted) {
    ProfileChange profile = wanted.profile;
    AUTH_CHECK(check_profile(profile));
    // Before the hash is paid for.
    AUTH_CHECK(check_roles(realm, wanted.roles));
    User user = user_of(realm, wanted, profile);
    AUTH_TRY(const auto hash, hash_of(realm, wanted, user));
    if (!realm.operated)
        AUTH_CHECK(count_sign_up(realm, wanted.email));

    Transaction transaction(realm.database, locks_of_names(user.email_key, user.username));
    AUTH_CHECK(check_roles(realm, wanted.roles));
    AUTH_CHECK(users_table::insert(realm.database, user));
    for (const std::string& role : user.roles)
        user_roles_table::add(realm.database, user.id, role);
    if (!user.verified_at)
        post_verification(realm, user);
    if (hash)
        passwords_table::replace(
            realm.database, user.id, std::nullopt,
            {*hash, std::string(set_up_by(user, realm.operated)), user.created_at});
    record(realm, {.event = "user_created",
                   .target = user.id,
                   .detail = {{"verified", wanted.verified}, {"roles", user.roles}}});
    transaction.commit();
    return user;
}

Locks locks_of_update(std::string_view id, const UserChange& change) {
    Locks locks = Locks::user(id);
    const auto& username = change.profile.username;
    if (change.email)
        locks = locks + locks_of_names(change.email->canonical(), username);
    else if (username)
        locks = locks + locks_of_username(*username);
    return locks;
}

Result<Updated> update_user(Realm& realm, const UserRef& ref, const UserChange& change) {
    ProfileChange profile = change.profile;
    AUTH_CHECK(check_profile(profile));
    AUTH_TRY(const std::string id, id_of(realm, ref));
    Transaction transaction(realm.database, locks_of_update(id, change));
    AUTH_TRY(User user, read_locked(realm, ref, id));
    std::vector<std::string> fields = apply_profile(user, profile);
    const std::string old_key = user.email_key;
    const bool moved = change.email && change.email->canonical() != old_key;
    if (change.email && change.email->original() != user.email) {
        user.email = change.email->original();
        user.email_key = change.email->canonical();
        fields.emplace_back("email");
    }
    if (change.must_change_password && *change.must_change_password != user.must_change_password) {
        user.must_change_password = *change.must_change_password;
        fields.emplace_back("must_change_password");
    }
    Updated updated{.user = user, .changed = !fields.empty(), .moved = moved};
    if (!updated.changed)
        return updated;
    updated.user.updated_at = realm.now();
    if (moved)
        updated.user.verified_at = std::nullopt;
    AUTH_CHECK(users_table::rename(realm.database, updated.user));
    // A code that went to the old address proves nothing about the new one.
    if (moved) {
        drop_codes(realm, user.id);
        release_attempts(realm, old_key);
        post_verification(realm, updated.user);
    }
    record(realm, {"user_updated", user.id, true, {{"fields", fields}}});
    transaction.commit();
    return updated;
}

Result<Updated> set_disabled(Realm& realm, const UserRef& ref, bool disabled,
                             std::string_view reason) {
    AUTH_TRY(const std::string why, parse_line("reason", reason));
    AUTH_TRY(User user, require_user(realm, ref));
    if (user.disabled_at.has_value() == disabled)
        return Updated{.user = std::move(user)};
    user.updated_at = realm.now();
    user.disabled_at = disabled ? std::optional(user.updated_at) : std::nullopt;
    user.disabled_reason = disabled ? why : "";
    if (disabled) {
        ++user.session_epoch;
        drop_codes(realm, user.id);
    }
    users_table::update(realm.database, user);
    record(realm, {disabled ? "user_disabled" : "user_enabled", user.id, true,
                   why.empty() ? Json::object() : Json{{"reason", why}}});
    return Updated{.user = std::move(user), .changed = true};
}

Result<Updated> unlock_user(Realm& realm, const UserRef& ref) {
    AUTH_TRY(User user, require_user(realm, ref));
    const std::string address = address_mac(realm, user.email_key);
    const Attempts attempts = attempts_table::find(realm.database, address);
    if (attempts.failures == 0 && attempts.code_failures == 0 && attempts.factor_failures == 0)
        return Updated{.user = std::move(user)};
    forget_attempts(realm, address);
    record(realm, {"user_unlocked", user.id, true, {{"failures", attempts.failures}}});
    return Updated{.user = std::move(user), .changed = true};
}

Result<User> delete_user(Realm& realm, const UserRef& ref) {
    AUTH_TRY(User user, require_user(realm, ref));
    (void)passwords_table::remove(realm.database, user.id);
    forget_attempts(realm, address_mac(realm, user.email_key));
    users_table::remove(realm.database, user.id);
    erase_details(realm, user.id);
    record(realm, {deletion_event, user.id});
    return user;
}

} // namespace auth
