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
#include "core/users/users_table.h"

#include <fmt/format.h>

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
Status count_sign_up(Realm& realm, const Email& email) {
    Transaction transaction(realm.database);
    AUTH_CHECK(count_request(realm, address_mac(realm, email.canonical()), CodePurpose::verify));
    transaction.commit_for_certain();
    return check_free(realm, email);
}

} // namespace

Result<User> require_user(Realm& realm, const UserRef& ref) {
    if (auto user = users_table::find(realm.database, ref))
        return *std::move(user);
    return fail(no_such_user(realm, ref));
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

Result<User> create_user(Realm& realm, const NewUser& wanted) {
    ProfileChange profile = wanted.profile;
    AUTH_CHECK(check_profile(profile));
    // Before the hash is paid for; the table has the last word.
    if (realm.operated)
        AUTH_CHECK(check_free(realm, wanted.email));
    for (const RoleName& role : wanted.roles)
        AUTH_CHECK(check_role(realm, role));
    User user = user_of(realm, wanted, profile);
    AUTH_TRY(const auto hash, hash_of(realm, wanted, user));
    if (!realm.operated)
        AUTH_CHECK(count_sign_up(realm, wanted.email));

    Transaction transaction(realm.database);
    AUTH_CHECK(users_table::insert(realm.database, user));
    if (hash)
        passwords_table::put(
            realm.database, user.id,
            {*hash, std::string(set_up_by(user, realm.operated)), user.created_at});
    for (const RoleName& role : wanted.roles) {
        AUTH_CHECK(check_role(realm, role));
        (void)users_table::grant(realm.database, user.id, role.text());
    }
    if (!user.verified_at)
        post_verification(realm, user);
    Json roles = Json::array();
    for (const RoleName& role : wanted.roles)
        roles.push_back(role.text());
    record(realm, {.event = "user_created",
                   .target = user.id,
                   .detail = {{"verified", wanted.verified}, {"roles", std::move(roles)}}});
    if (!wanted.roles.empty())
        user = *users_table::find_by_id(realm.database, user.id);
    transaction.commit();
    return user;
}

Result<Updated> update_user(Realm& realm, const UserRef& ref, const UserChange& change) {
    ProfileChange profile = change.profile;
    AUTH_CHECK(check_profile(profile));
    Transaction transaction(realm.database);
    AUTH_TRY(User user, require_user(realm, ref));
    std::vector<std::string> fields = apply_profile(user, profile);
    const bool moved = change.email && change.email->canonical() != user.email_key;
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
    // A code that went to the old address proves nothing about the new one.
    if (moved) {
        updated.user.verified_at = std::nullopt;
        drop_codes(realm, user.id);
    }
    AUTH_CHECK(users_table::rename(realm.database, updated.user));
    if (moved)
        post_verification(realm, updated.user);
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
    forget_attempts(realm, address_mac(realm, user.email_key));
    (void)passwords_table::remove(realm.database, user.id);
    (void)users_table::remove(realm.database, user.id);
    erase_details(realm, user.id);
    record(realm, {deletion_event, user.id});
    return user;
}

} // namespace auth
