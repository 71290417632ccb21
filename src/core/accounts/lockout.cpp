#include "core/accounts/lockout.h"

#include "core/accounts/attempts_table.h"
#include "core/audit/audit.h"
#include "core/base/encoding.h"
#include "core/settings/setting.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace auth {
namespace {

// A mailed code takes five wrong tries before it is burnt; that is to be seen as such.
constexpr std::int64_t free_code_failures = 5;

Error locked_out() {
    return error(ErrorCode::locked_out, "too many failed attempts; the account is locked")
        .with_hint(
            {"reset the password, or ask an operator to run", NextStep{"unlock", {"EMAIL"}}});
}

void record_lock(Realm& realm, std::string_view address) {
    record(realm, {"authn_login_lock", "", false, {{"address", to_hex(address.substr(0, 8))}}});
}

Status check_waited(const Attempts& attempts, Time now) {
    if (attempts.blocked_until <= now)
        return {};
    const Seconds wait = attempts.blocked_until - now;
    return fail(error(ErrorCode::rate_limited,
                      fmt::format("too many failed attempts; try again in {}", to_text(wait)))
                    .with_retry_after(wait));
}

// No reset ends this lock, as a reset does not prove the second factor.
Attempts after_clearing(std::int64_t code_failures, std::int64_t factor_failures) {
    return {0, code_failures, factor_failures >= lock_at ? locked_for_good : Time{},
            factor_failures};
}

void keep(Realm& realm, std::string_view address, const Attempts& attempts) {
    if (attempts.failures == 0 && attempts.code_failures == 0 && attempts.factor_failures == 0)
        attempts_table::remove(realm.database, address);
    else
        attempts_table::put(realm.database, address, attempts);
}

} // namespace

std::optional<Seconds> wait_after(std::int64_t failures) {
    if (failures < 3)
        return Seconds(1);
    if (failures < 9)
        return Seconds(3);
    if (failures < 25)
        return Seconds(5);
    if (failures < lock_at)
        return Seconds(10);
    return std::nullopt;
}

std::string address_mac(const Realm& realm, std::string_view email_key) {
    return realm.vault.mac(MacPurpose::address, email_key);
}

std::string address_mac(const Realm& realm, const UserRef& ref, const std::optional<User>& user) {
    if (user)
        return address_mac(realm, user->email_key);
    if (const auto* email = std::get_if<Email>(&ref))
        return address_mac(realm, email->canonical());
    if (const auto* username = std::get_if<Username>(&ref))
        return address_mac(realm, "@" + username->canonical());
    return address_mac(realm, to_text(ref));
}

Status count_password_attempt(Realm& realm, std::string_view address) {
    Transaction transaction(realm.database);
    Attempts attempts = attempts_table::find(realm.database, address);
    if (attempts.blocked_until >= locked_for_good)
        return fail(locked_out());
    AUTH_CHECK(check_waited(attempts, realm.now()));
    ++attempts.failures;
    if (!wait_after(attempts.failures)) {
        attempts.blocked_until = locked_for_good;
        record_lock(realm, address);
    }
    attempts_table::put(realm.database, address, attempts);
    transaction.commit_for_certain();
    return {};
}

void confirm_failure(Realm& realm, std::string_view address) {
    if (!realm.settings.get(setting<"lockout.waits">))
        return;
    Attempts attempts = attempts_table::find(realm.database, address);
    const auto wait = wait_after(attempts.failures);
    const Time until = wait ? realm.now() + *wait : locked_for_good;
    attempts.blocked_until = std::max(attempts.blocked_until, until);
    attempts_table::put(realm.database, address, attempts);
}

Status count_code_attempt(Realm& realm, std::string_view address) {
    Attempts attempts = attempts_table::find(realm.database, address);
    if (attempts.code_failures >= lock_at)
        return fail(
            locked_out().with_hint({"ask an operator to run", NextStep{"unlock", {"EMAIL"}}}));
    const bool locked = attempts.blocked_until >= locked_for_good;
    if (attempts.code_failures >= free_code_failures && !locked)
        AUTH_CHECK(check_waited(attempts, realm.now()));
    ++attempts.code_failures;
    ++attempts.failures;
    const auto wait = wait_after(attempts.failures);
    if (!wait) {
        attempts.blocked_until = locked_for_good;
    } else if (realm.settings.get(setting<"lockout.waits">)) {
        // Where there is no wait, the time says how old the row is.
        const bool waits = attempts.code_failures > free_code_failures;
        attempts.blocked_until =
            std::max(attempts.blocked_until, realm.now() + (waits ? *wait : Seconds(0)));
    }
    if ((!wait && !locked) || attempts.code_failures == lock_at)
        record_lock(realm, address);
    attempts_table::put(realm.database, address, attempts);
    return {};
}

Status count_factor_attempt(Realm& realm, std::string_view address) {
    Attempts attempts = attempts_table::find(realm.database, address);
    if (attempts.factor_failures >= lock_at)
        return fail(
            locked_out().with_hint({"ask an operator to run", NextStep{"unlock", {"EMAIL"}}}));
    if (++attempts.factor_failures >= lock_at) {
        attempts.blocked_until = locked_for_good;
        record_lock(realm, address);
    }
    attempts_table::put(realm.database, address, attempts);
    return {};
}

void give_back_attempt(Realm& realm, std::string_view address) {
    Transaction transaction(realm.database);
    Attempts attempts = attempts_table::find(realm.database, address);
    // The lock of the last attempt goes with it.
    if (attempts.failures == lock_at && attempts.factor_failures < lock_at)
        attempts.blocked_until = Time{};
    attempts.failures = std::max<std::int64_t>(attempts.failures - 1, 0);
    keep(realm, address, attempts);
    transaction.commit_for_certain();
}

void give_back_code_attempt(Realm& realm, std::string_view address) {
    Attempts attempts = attempts_table::find(realm.database, address);
    const bool locked_by_it = attempts.failures == lock_at && attempts.factor_failures < lock_at;
    // Where codes wait, the wait before was over, so that this one is the attempt's own.
    if (locked_by_it ||
        (attempts.code_failures > free_code_failures && attempts.blocked_until < locked_for_good))
        attempts.blocked_until = std::min(attempts.blocked_until, realm.now());
    attempts.failures = std::max<std::int64_t>(attempts.failures - 1, 0);
    attempts.code_failures = std::max<std::int64_t>(attempts.code_failures - 1, 0);
    keep(realm, address, attempts);
}

Status check_not_locked(const Realm& realm, std::string_view address) {
    if (attempts_table::find(realm.database, address).blocked_until >= locked_for_good)
        return fail(locked_out());
    return {};
}

void forget_attempts(Realm& realm, std::string_view address) {
    attempts_table::remove(realm.database, address);
}

void clear_attempts(Realm& realm, std::string_view address) {
    const Attempts attempts = attempts_table::find(realm.database, address);
    keep(realm, address, after_clearing(0, attempts.factor_failures));
}

void clear_password_attempts(Realm& realm, std::string_view address) {
    const Attempts attempts = attempts_table::find(realm.database, address);
    keep(realm, address, after_clearing(attempts.code_failures, attempts.factor_failures));
}

void clear_factor_attempts(Realm& realm, std::string_view address) {
    const Attempts attempts = attempts_table::find(realm.database, address);
    keep(realm, address, after_clearing(attempts.code_failures, 0));
}

void forgive(Realm& realm, std::string_view address) {
    Transaction transaction(realm.database);
    clear_password_attempts(realm, address);
    transaction.commit_for_certain();
}

std::optional<Time> locked_until(const Realm& realm, std::string_view email_key) {
    return locked_until(realm, std::array{email_key}).front();
}

std::vector<std::optional<Time>> locked_until(const Realm& realm,
                                              std::span<const std::string_view> email_keys) {
    std::vector<std::optional<Time>> out(email_keys.size());
    // Most of the time nobody waits, and then the key file need not be read.
    const Time now = realm.now();
    if (email_keys.empty() || !attempts_table::any_blocked(realm.database, now))
        return out;
    std::vector<std::string> addresses;
    for (const std::string_view key : email_keys)
        addresses.push_back(address_mac(realm, key));
    const auto blocked = attempts_table::blocked(realm.database, addresses, now);
    for (std::size_t i = 0; i < addresses.size(); ++i)
        if (const auto found = blocked.find(addresses[i]); found != blocked.end())
            out[i] = found->second;
    return out;
}

} // namespace auth
