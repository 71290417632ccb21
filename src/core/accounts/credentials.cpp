#include "core/accounts/credentials.h"

#include "core/accounts/accounts.h"
#include "core/accounts/attempts_table.h"
#include "core/accounts/hash_census.h"
#include "core/accounts/imported_credentials.h"
#include "core/accounts/lockout.h"
#include "core/accounts/notices.h"
#include "core/audit/audit.h"
#include "core/base/encoding.h"
#include "core/base/private_file.h"
#include "core/base/text.h"
#include "core/codes/code.h"
#include "core/passwords/forms.h"
#include "core/passwords/policy.h"
#include "core/settings/setting.h"
#include "core/users/users_table.h"

#include <fmt/format.h>

namespace auth {
namespace {

Error wrong_credentials() {
    return error(ErrorCode::bad_credentials, "wrong e-mail address or password")
        .with_hint(NextStep{"reset", {"EMAIL"}});
}

// A test database takes any password, unless told otherwise.
bool relaxed(const Realm& realm, const SettingDefinition& definition) {
    return realm.test && realm.settings.is_default(definition);
}

std::size_t least_length(const Realm& realm, bool mfa) {
    if (relaxed(realm, setting<"password.min_length">))
        return 1;
    const std::int64_t alone = realm.settings.get(setting<"password.min_length">);
    const std::int64_t beside = realm.settings.get(setting<"password.min_length_with_mfa">);
    return static_cast<std::size_t>(mfa ? std::min(alone, beside) : alone);
}

// The stored hash, where it can be compared at all here.
std::optional<std::string> usable_hash(const Realm& realm,
                                       std::optional<passwords_table::StoredPassword> stored) {
    if (!stored)
        return std::nullopt;
    const auto info = inspect_hash(stored->hash);
    if (!info || (info->test_cost && !realm.test))
        return std::nullopt;
    return std::move(stored->hash);
}

using Census = std::vector<hash_census_table::Row>;

// Whoever proves the password may learn from the time what hash it had; whoever does not may not.
bool compare(Realm& realm, const Census& census, const std::optional<std::string>& hash,
             const Secret& typed, std::optional<std::string>& better) {
    const PasswordCost cost = password_cost(realm);
    if (hash && verify_password(typed, *hash)) {
        const auto normalised = normalise_password(typed);
        if (normalised && needs_rehash(*hash, cost))
            better = hash_password(*normalised, cost, realm.random);
        return true;
    }
    std::optional<HashWork> done;
    if (hash)
        done = inspect_hash(*hash)->work;
    for (const std::string& dummy : hashes_beside(census, cost, done))
        (void)verify_password(typed, dummy);
    return false;
}

void record_failure(Realm& realm, const std::optional<User>& user, std::string_view address,
                    std::string_view reason) {
    Json detail = {{"reason", reason}};
    if (!user)
        detail["address"] = to_hex(address.substr(0, 8));
    record(realm, {"authn_login_fail", user ? user->id : "", false, std::move(detail)});
}

} // namespace

Status check_may(const Realm& realm, const User& user, Purpose purpose) {
    if (purpose == Purpose::prove_address)
        return {};
    const auto refuse = [&](std::string_view reason, std::string message, Hint hint) {
        return fail(error(ErrorCode::refused, std::move(message))
                        .with_reason(std::string(reason))
                        .with_hint(std::move(hint)));
    };
    if (user.disabled_at)
        return refuse("disabled", fmt::format("'{}' is disabled", user.email),
                      {"an operator can run", NextStep{"enable", {user.email_key}}});
    if (!user.verified_at && realm.settings.get(setting<"verification.required">))
        return refuse("unverified", fmt::format("'{}' is not verified", user.email),
                      NextStep{"verify", {user.email_key}});
    if (user.must_change_password && purpose == Purpose::log_in)
        return refuse(
            "must_change_password", fmt::format("'{}' must change the password first", user.email),
            std::vector{NextStep{"passwd", {user.email_key, "--current-password-file", "FILE"}},
                        NextStep{"reset", {user.email_key}}});
    return {};
}

Result<PasswordPolicy> password_policy(const Realm& realm, bool mfa) {
    PasswordPolicy policy;
    policy.min_length = least_length(realm, mfa);
    policy.blocklist = realm.settings.get(setting<"password.blocklist">) &&
                       !relaxed(realm, setting<"password.blocklist">);
    if (realm.settings.given(setting<"password.blocklist_file">)) {
        AUTH_TRY(const Secret words,
                 read_file("blocklist", realm.settings.get(setting<"password.blocklist_file">),
                           64U << 20U));
        policy.extra_words = words.reveal();
    }
    return policy;
}

PasswordCost password_cost(const Realm& realm) {
    if (relaxed(realm, setting<"password.memory">) && relaxed(realm, setting<"password.passes">))
        return test_password_cost;
    return {static_cast<std::uint32_t>(realm.settings.get(setting<"password.memory">)),
            static_cast<std::uint32_t>(realm.settings.get(setting<"password.passes">))};
}

Status check_password_cost(const Realm& realm) {
    if (realm.test || meets_floor(password_cost(realm)))
        return {};
    return fail(error(ErrorCode::usage,
                      "password.memory and password.passes are too cheap together:"
                      " want 46 MiB (47104) and 1, or 19 MiB (19456) and 2")
                    .with_field("password.memory"));
}

std::vector<std::string> own_words(const User& user) {
    std::vector<std::string> words{"auth-cli", user.email_key,
                                   user.email_key.substr(0, user.email_key.find('@'))};
    for (const ProfileField& field : profile_fields)
        if (const auto& value = user.*field.place)
            words.push_back(*value);
    return words;
}

bool factor_shortens_passwords(const Realm& realm) {
    return least_length(realm, true) < least_length(realm, false);
}

bool leans_on_factor(const Realm& realm, const passwords_table::StoredPassword& password,
                     Time held_since) {
    return password.changed_at > held_since && factor_shortens_passwords(realm);
}

Result<std::string> hash_new_password(Realm& realm, const Secret& typed, const User& user) {
    AUTH_TRY(const Secret normalised, normalise_password(typed));
    AUTH_TRY(const PasswordPolicy policy, password_policy(realm, user.mfa));
    AUTH_CHECK(check_password(normalised, policy, own_words(user)));
    return hash_password(normalised, password_cost(realm), realm.random);
}

Result<KnownHash> accept_hash(std::string_view hash, bool test_database) {
    AUTH_TRY(KnownHash known, read_hash(hash));
    if (known.kind.test_cost && !test_database)
        return fail(error(ErrorCode::refused,
                          fmt::format("the {} hash of {} is too cheap for a normal database",
                                      known.kind.scheme, known.kind.cost))
                        .with_reason("weak_hash")
                        .with_field("password_hash"));
    return known;
}

void store_password(Realm& realm, User& user, std::string_view hash, std::string_view set_by) {
    const Time now = realm.now();
    const auto before = passwords_table::find(realm.database, user.id);
    if (before)
        remember_import(realm, user.id, *before);
    passwords_table::replace(realm.database, user.id, before,
                             {std::string(hash), std::string(set_by), now});
    drop_codes(realm, user.id);
    ++user.session_epoch;
    user.updated_at = now;
}

bool has_password(Realm& realm, const User& user) {
    return passwords_table::find(realm.database, user.id).has_value();
}

Result<User> set_password(Realm& realm, const UserRef& ref, const Secret& typed, bool must_change) {
    AUTH_TRY(const User before, require_user(realm, ref));
    AUTH_TRY(const std::string hash, hash_new_password(realm, typed, before));
    Transaction transaction(realm.database, Locks::user(before.id));
    passwords_table::expect(realm.database, before.id);
    AUTH_TRY(User user, read_locked(realm, ref, before.id));
    store_password(realm, user, hash, "operator");
    user.must_change_password = must_change;
    users_table::update(realm.database, user);
    record(realm, {"authn_password_change", user.id, true, {{"by", "operator"}}});
    notify(realm, user, password_changed_letter());
    transaction.commit();
    return user;
}

void forgive_password(Realm& realm, const User& user, std::string_view address) {
    // The password alone must not forget failed codes of the second factor.
    if (user.mfa)
        give_back_attempt(realm, address);
    else
        forgive(realm, address);
}

Result<Authenticated> authenticate(Realm& realm, const UserRef& ref, const Secret& typed,
                                   Purpose purpose) {
    Authenticated proof;
    hash_census_table::expect(realm.database);
    if (std::holds_alternative<Email>(ref))
        attempts_table::expect(realm.database, address_mac(realm, ref, std::nullopt));
    const auto user = users_table::find(realm.database, ref);
    proof.address = address_mac(realm, ref, user);
    const Census census = hash_census(realm.database);
    std::optional<passwords_table::StoredPassword> stored;
    const auto read_password = [&] {
        if (user)
            stored = passwords_table::find(realm.database, user->id);
    };
    if (auto due = count_password_attempt(realm, proof.address, user ? user->id : "",
                                          longest_comparison(census), read_password);
        !due) {
        (void)compare(realm, census, std::nullopt, typed, proof.new_hash);
        return fail(due.error());
    }
    const auto hash = usable_hash(realm, std::move(stored));
    if (!compare(realm, census, hash, typed, proof.new_hash)) {
        Transaction transaction(realm.database, Locks::address(proof.address));
        confirm_failure(realm, proof.address, user ? user->id : "");
        record_failure(realm, user, proof.address, "bad_credentials");
        transaction.commit_for_certain();
        return fail(wrong_credentials());
    }
    if (auto may = check_may(realm, *user, purpose); !may) {
        Transaction transaction(realm.database, Locks::address(proof.address));
        forgive_password(realm, *user, proof.address);
        record_failure(realm, user, proof.address, may.error().reason);
        transaction.commit_for_certain();
        return fail(may.error());
    }
    if (realm.dry_run && !user->mfa)
        forgive(realm, proof.address);
    proof.user = *user;
    proof.stored_hash = *hash;
    return proof;
}

Result<passwords_table::StoredPassword> check_authentication(Realm& realm, const User& user,
                                                             const Authenticated& proof) {
    auto stored = passwords_table::find(realm.database, user.id);
    // Another login may have put a better hash of the same password there; a change of password
    // moves the epoch as well.
    if (!stored || user.id != proof.user.id ||
        (stored->hash != proof.stored_hash && user.session_epoch != proof.user.session_epoch))
        return fail(wrong_credentials());
    return *std::move(stored);
}

void complete_authentication(Realm& realm, const passwords_table::StoredPassword& stored,
                             const Authenticated& proof) {
    const std::string& id = proof.user.id;
    const bool improves =
        proof.new_hash && stored.hash == proof.stored_hash && !realm.database.restricted();
    if (improves)
        remember_import(realm, id, stored);
    clear_password_attempts(realm, proof.address);
    if (improves)
        passwords_table::rehash(realm.database, id, proof.stored_hash, *proof.new_hash);
}

} // namespace auth
