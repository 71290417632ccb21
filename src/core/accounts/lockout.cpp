#include "core/accounts/lockout.h"

#include "core/accounts/attempts_table.h"
#include "core/accounts/hash_census.h"
#include "core/audit/audit.h"
#include "core/base/encoding.h"
#include "core/settings/setting.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace auth {
namespace {

using namespace std::chrono_literals;

// How often an attempt asks whether the one before it has been answered.
constexpr auto pause = 20ms;

// What the comparison of a code takes is nothing beside this.
constexpr Seconds moment{2};

// A mailed code takes five wrong tries before it is burnt; that is to be seen as such.
constexpr std::int64_t free_code_failures = 5;

Error locked_out() {
    return error(ErrorCode::locked_out, "too many failed attempts; the account is locked")
        .with_hint(
            {"reset the password, or ask an operator to run", NextStep{"unlock", {"EMAIL"}}});
}

// Of somebody who is not there the trail keeps the beginning of the address's MAC.
Json detail_of(std::string_view address, std::string_view user_id, Json detail = Json::object()) {
    if (user_id.empty())
        detail["address"] = to_hex(address.substr(0, 8));
    return detail;
}

void record_attempt(Realm& realm, std::string_view address, std::string_view user_id,
                    std::string_view of) {
    record(realm, {.event = "authn_login_attempt",
                   .target = user_id,
                   .detail = detail_of(address, user_id, {{"of", of}})});
}

void record_lock(Realm& realm, std::string_view address, std::string_view user_id) {
    record(realm,
           {"authn_login_lock", user_id, false, {{"address", to_hex(address.substr(0, 8))}}});
}

Status check_waited(const Attempts& attempts, Time now) {
    const Time until = blocked_until(attempts, now);
    if (until <= now)
        return {};
    const Seconds wait = until - now;
    return fail(error(ErrorCode::rate_limited,
                      fmt::format("too many failed attempts; try again in {}", to_text(wait)))
                    .with_retry_after(wait));
}

// Waits for the answer to an attempt that is being compared, and no longer than one takes. Gives
// the end of one that was waited for in vain: the clock was set back.
Time await_answer(Realm& realm, std::string_view address, Seconds most) {
    Time end{};
    std::chrono::milliseconds waited{0};
    while (true) {
        const Time open_until = attempts_table::find(realm.database, address).open_until;
        if (open_until <= realm.now())
            return {};
        if (open_until != end)
            waited = 0ms;
        end = open_until;
        if (waited >= most)
            return end;
        realm.clock.sleep(pause);
        waited += pause;
    }
}

// An attempt that nobody answered has failed: its process is gone. Says whether there was one.
bool settle_unanswered(Realm& realm, std::string_view address, std::string_view user_id,
                       Attempts& attempts) {
    if (attempts.open_until == Time{})
        return false;
    attempts.blocked_until = blocked_until(attempts, attempts.open_until);
    attempts.open_until = {};
    attempts.unanswered = 0;
    attempts_table::put(realm.database, address, attempts);
    record(realm, {.event = "authn_login_fail",
                   .target = user_id,
                   .ok = false,
                   .detail = detail_of(address, user_id, {{"reason", "unanswered"}})});
    return true;
}

// Opens the attempt: counted, with its wait, and on record. Call inside a Transaction.
void open_attempt(Realm& realm, std::string_view address, std::string_view user_id,
                  Attempts& attempts, Seconds most) {
    ++attempts.failures;
    ++attempts.unanswered;
    if (!user_id.empty())
        attempts.user_id = user_id;
    record_attempt(realm, address, user_id, "password");
    if (!wait_after(attempts.failures)) {
        attempts.blocked_until = locked_for_good;
        record_lock(realm, address, user_id);
    } else if (realm.settings.get(setting<"lockout.waits">)) {
        attempts.open_until = realm.now() + most;
        // The time says how old the row is.
        attempts.blocked_until = std::max(attempts.blocked_until, realm.now());
    }
    attempts_table::put(realm.database, address, attempts);
}

Status check_due(const Attempts& attempts, Time now) {
    if (attempts.blocked_until >= locked_for_good)
        return fail(locked_out());
    return check_waited(attempts, now);
}

void count_answer(Attempts& attempts) {
    attempts.unanswered = std::max<std::int64_t>(attempts.unanswered - 1, 0);
}

// A row that is gone cannot be held to its past.
void keep(Realm& realm, std::string_view address, const Attempts& attempts) {
    const bool nothing =
        attempts.failures == 0 && attempts.code_failures == 0 && attempts.factor_failures == 0;
    if (nothing && !realm.database.restricted())
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

Time blocked_until(const Attempts& attempts, Time now) {
    if (attempts.open_until == Time{} || attempts.open_until > now)
        return attempts.blocked_until;
    const auto wait = wait_after(attempts.failures);
    return std::max(attempts.blocked_until, wait ? attempts.open_until + *wait : locked_for_good);
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

Seconds longest_comparison(const std::vector<hash_census_table::Row>& census) {
    std::uint64_t dearest = 0;
    std::uint64_t all = 0;
    for (const auto& row : census) {
        dearest = std::max<std::uint64_t>(dearest, row.kind.work.microseconds);
        all += row.kind.work.microseconds;
    }
    const std::uint64_t beside = std::min<std::uint64_t>(all - dearest, 2'000'000);
    return 2s + std::chrono::ceil<Seconds>(std::chrono::microseconds(4 * (dearest + beside)));
}

Status count_password_attempt(Realm& realm, std::string_view address, std::string_view user_id) {
    attempts_table::expect(realm.database, address);
    const Seconds most = longest_comparison(hash_census(realm.database));
    return count_password_attempt(realm, address, user_id, most, [] {});
}

Status count_password_attempt(Realm& realm, std::string_view address, std::string_view user_id,
                              Seconds most, const std::function<void()>& read_beside) {
    while (true) {
        const Time in_vain = await_answer(realm, address, most);
        Transaction transaction(realm.database, Locks::address(address));
        attempts_table::expect(realm.database, address);
        read_beside();
        Attempts attempts = attempts_table::find(realm.database, address);
        if (attempts.open_until > realm.now() && attempts.open_until != in_vain)
            continue; // another attempt was quicker
        const bool settled = settle_unanswered(realm, address, user_id, attempts);
        Status due = check_due(attempts, realm.now());
        if (due)
            open_attempt(realm, address, user_id, attempts, most);
        if (due || settled)
            transaction.commit_for_certain();
        return due;
    }
}

void confirm_failure(Realm& realm, std::string_view address, std::string_view user_id) {
    Attempts attempts = attempts_table::find(realm.database, address);
    count_answer(attempts);
    if (!realm.settings.get(setting<"lockout.waits">))
        return keep(realm, address, attempts);
    const auto wait = wait_after(attempts.failures);
    const Time until = wait ? realm.now() + *wait : locked_for_good;
    if (!wait && attempts.blocked_until < locked_for_good)
        record_lock(realm, address, user_id);
    attempts.blocked_until = std::max(attempts.blocked_until, until);
    attempts.open_until = {};
    attempts_table::put(realm.database, address, attempts);
}

void close_attempt(Realm& realm, std::string_view address) {
    Transaction transaction(realm.database, Locks::address(address));
    Attempts attempts = attempts_table::find(realm.database, address);
    if (attempts.open_until == Time{})
        return;
    attempts.open_until = {};
    attempts_table::put(realm.database, address, attempts);
    transaction.commit_for_certain();
}

Status count_code_attempt(Realm& realm, std::string_view address, std::string_view user_id) {
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
        record_lock(realm, address, user_id);
    attempts_table::put(realm.database, address, attempts);
    return {};
}

Status count_factor_attempt(Realm& realm, std::string_view address, std::string_view user_id) {
    Attempts attempts = attempts_table::find(realm.database, address);
    if (attempts.factor_failures >= lock_at)
        return fail(
            locked_out().with_hint({"ask an operator to run", NextStep{"unlock", {"EMAIL"}}}));
    record_attempt(realm, address, user_id, "second_factor");
    if (++attempts.factor_failures >= lock_at) {
        attempts.blocked_until = locked_for_good;
        record_lock(realm, address, user_id);
    } else if (realm.settings.get(setting<"lockout.waits">)) {
        attempts.open_until = std::max(attempts.open_until, realm.now() + moment);
    }
    attempts_table::put(realm.database, address, attempts);
    return {};
}

void give_back_attempt(Realm& realm, std::string_view address) {
    Transaction transaction(realm.database, Locks::address(address));
    Attempts attempts = attempts_table::find(realm.database, address);
    attempts.open_until = {};
    // The lock of the last attempt goes with it.
    if (attempts.failures == lock_at && attempts.factor_failures < lock_at)
        attempts.blocked_until = Time{};
    attempts.failures = std::max<std::int64_t>(attempts.failures - 1, 0);
    count_answer(attempts);
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
    attempts_table::forgive(realm.database, address, {.codes = true});
}

void clear_password_attempts(Realm& realm, std::string_view address) {
    attempts_table::forgive(realm.database, address, {});
}

void clear_factor_attempts(Realm& realm, std::string_view address) {
    attempts_table::forgive(realm.database, address, {.factors = true});
}

void forgive(Realm& realm, std::string_view address) {
    if (realm.database.restricted())
        return give_back_attempt(realm, address);
    Transaction transaction(realm.database, Locks::address(address));
    clear_password_attempts(realm, address);
    transaction.commit_for_certain();
}

void forgive_factor(Realm& realm, std::string_view address) {
    if (realm.database.restricted())
        return give_back_attempt(realm, address);
    Transaction transaction(realm.database, Locks::address(address));
    clear_factor_attempts(realm, address);
    transaction.commit_for_certain();
}

void release_attempts(Realm& realm, std::string_view email_key) {
    attempts_table::release(realm.database, address_mac(realm, email_key));
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
