// One ladder for every credential: failures are counted before the comparison, keyed by a MAC of
// the address, whether or not a user has it.
#pragma once

#include "core/accounts/hash_census_table.h"
#include "core/realm.h"
#include "core/users/user.h"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace auth {

struct Attempts {
    std::int64_t failures = 0;      // since the last success, by any credential
    std::int64_t code_failures = 0; // of mailed codes, across codes
    Time blocked_until{};           // a high-water mark: a clock set back shortens nothing
    // Of second factors, after the right password: only a right one or unlock forgets them.
    std::int64_t factor_failures = 0;
    // When a comparison that goes on would surely be over: unanswered by then it has failed. None
    // goes on in the year 1970.
    Time open_until{};
    // How many of the failures are attempts that nobody has answered. Each may be taken back once.
    std::int64_t unanswered = 0;
    std::string user_id{}; // whose address it is, as the last attempt said; "" for nobody's
};

// So many failures lock an address until somebody says otherwise.
inline constexpr std::int64_t lock_at = 100;
// A block that only unlock or a completed reset ends.
inline constexpr Time locked_for_good{Seconds{253402300799}}; // 9999-12-31T23:59:59Z

// Pure: how long to wait after the N-th failure in a row: 1 s below 3, 3 s below 9, 5 s below 25,
// 10 s below 100; nothing where it is a lock.
[[nodiscard]] std::optional<Seconds> wait_after(std::int64_t failures);

// Pure: until when the next attempt must wait, as of `now`: an attempt that was never answered has
// its wait from when its comparison would have been over.
[[nodiscard]] Time blocked_until(const Attempts& attempts, Time now);

[[nodiscard]] std::string address_mac(const Realm& realm, std::string_view email_key);
// The same for whatever was typed; names that nobody has get an identity of their own.
[[nodiscard]] std::string address_mac(const Realm& realm, const UserRef& ref,
                                      const std::optional<User>& user);

// Counts an attempt to log in as failed, with its wait and its row in the trail, in one transaction
// of its own: it is open until one of the functions below answers it. While another is open this
// one waits for the answer. Fails with rate_limited or locked_out where none is due; then nothing
// is counted. `user_id` is "" where nobody has the address.
[[nodiscard]] Status count_password_attempt(Realm& realm, std::string_view address,
                                            std::string_view user_id = {});
// The same with the time that the longest comparison takes. `read_beside` reads, in the same
// transaction, what will be compared.
[[nodiscard]] Status count_password_attempt(Realm& realm, std::string_view address,
                                            std::string_view user_id, Seconds longest,
                                            const std::function<void()>& read_beside);
// By when a comparison is surely over, on a busy machine as well: every login computes its own hash
// and what hides the others'.
[[nodiscard]] Seconds longest_comparison(const std::vector<hash_census_table::Row>& census);
// The attempt was wrong: the next one must wait from now on. Call inside a Transaction that locks
// the address, as all others below that name a Transaction.
void confirm_failure(Realm& realm, std::string_view address, std::string_view user_id = {});
// The attempt was right so far and goes on, as with a question for the second factor: it stays
// counted, but others need not wait for it. In a transaction of its own.
void close_attempt(Realm& realm, std::string_view address);
// Counts a code attempt as failed. The first five wrong codes of an address are free of waits: they
// burn the code. After them it fails with rate_limited where none is due, and the next attempt must
// wait from now on; it fails with locked_out after 100. A lock by wrong passwords is none for
// codes, since a reset ends it. Call inside a Transaction.
[[nodiscard]] Status count_code_attempt(Realm& realm, std::string_view address,
                                        std::string_view user_id = {});
// Counts a second factor as failed, beside the attempt it belongs to, which is open again; fails
// with locked_out after 100 of them. Call inside a Transaction.
[[nodiscard]] Status count_factor_attempt(Realm& realm, std::string_view address,
                                          std::string_view user_id = {});
// Takes back one counted attempt that was not made after all, in a transaction of its own.
void give_back_attempt(Realm& realm, std::string_view address);
// Takes back the attempt of a code that was right and is not used yet, with its wait. Call inside a
// Transaction.
void give_back_code_attempt(Realm& realm, std::string_view address);
// Fails with locked_out where only unlock or a completed reset helps.
[[nodiscard]] Status check_not_locked(const Realm& realm, std::string_view address);

// An operator says so: everything counted is forgotten. Call inside a Transaction.
void forget_attempts(Realm& realm, std::string_view address);
// A mailed code was right: everything is forgotten but failed second factors. Call inside a
// Transaction.
void clear_attempts(Realm& realm, std::string_view address);
// The password was right: whoever knows it may still not own the address, so failed codes stay
// counted. Call inside a Transaction.
void clear_password_attempts(Realm& realm, std::string_view address);
// Password and second factor were right: failed mailed codes stay counted. Call inside a
// Transaction.
void clear_factor_attempts(Realm& realm, std::string_view address);

// The password was right, or the factor too, but the act that would have said so fails or is
// undone: the same in a transaction of its own. Anyone who may only log users in may clear nothing
// without a login, and takes the one attempt back.
void forgive(Realm& realm, std::string_view address);
void forgive_factor(Realm& realm, std::string_view address);

// The user moves to another address. Call inside the Transaction that says so.
void release_attempts(Realm& realm, std::string_view email_key);

// When the next password attempt is due, where it is not now.
[[nodiscard]] std::optional<Time> locked_until(const Realm& realm, std::string_view email_key);
// The same for each of a page of users, at most 1000, in their order.
[[nodiscard]] std::vector<std::optional<Time>>
locked_until(const Realm& realm, std::span<const std::string_view> email_keys);

} // namespace auth
