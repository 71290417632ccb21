// Proving the second factor: a code of an authenticator app, or a recovery code. Wrong ones count
// on the same ladder as wrong passwords.
#pragma once

#include "core/accounts/credentials.h"
#include "core/base/secret.h"
#include "core/codes/totp.h"
#include "core/realm.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace auth {

struct FactorAnswer {
    enum class Kind { totp, recovery_code };
    Kind kind = Kind::totp;
    Secret text;
};

// Called only once everything else was right; empty where there is nobody to ask.
using AskFactor = std::function<Result<FactorAnswer>()>;

// 6 or 8 digits, white space passed over. Fails with usage, field "totp".
[[nodiscard]] Result<FactorAnswer> parse_totp_code(std::string_view typed);
// 16 letters and digits; case, dashes and white space passed over. Fails with usage, field
// "recovery_code".
[[nodiscard]] Result<FactorAnswer> parse_recovery_code(std::string_view typed);

// Whether mfa.required names this user.
[[nodiscard]] bool factor_required(const Settings& settings, const User& user);
// Fails with refused, reason mfa_enrolment_required, where a factor is required and there is none.
[[nodiscard]] Status check_factor_policy(const Realm& realm, const User& user);

// A right second factor, not used up yet; neither is set where the user has none.
struct ProvedFactor {
    std::string address; // what its attempts are counted under
    std::optional<std::int64_t> step{};
    Time secret_since{};
    std::string recovery_mac{};

    [[nodiscard]] bool present() const { return step || !recovery_mac.empty(); }
};

// The user as of now: what was done to it since `before` was read, while a question stood or a
// password was hashed, counts. Fails with bad_credentials where its sessions were ended or it is
// gone. Call inside the Transaction of the act.
[[nodiscard]] Result<User> read_again(Realm& realm, const User& before);
// The same, and fails as check_may, to which an address that the act proves is verified already; to
// log in as check_factor_policy as well.
[[nodiscard]] Result<User> read_again(Realm& realm, const User& before, Purpose purpose,
                                      bool proves_address = false);

// Asks for the factor of a user who has one. The attempt that it belongs to was counted before
// (authenticate, count_password_attempt). Fails with refused (reason mfa_required) where there is
// nobody to ask, bad_code for a wrong or used one, locked_out after 100 wrong ones or where the
// address was locked while the question stood, and as `ask`.
[[nodiscard]] Result<ProvedFactor> prove_factor(Realm& realm, const User& user,
                                                std::string_view address, const AskFactor& ask);

// As Statement::expect, for use_factor().
void expect_factor(Realm& realm, const User& user, const ProvedFactor& proof);
// Uses the factor up, and posts a mail that says so, where it was a recovery code. Fails with
// bad_code where another process was quicker, refused where a factor came meanwhile. Call inside
// the Transaction of the act.
[[nodiscard]] Status use_factor(Realm& realm, const User& user, const ProvedFactor& proof);
// Instead, where the act failed: bad_code was a guess that counts, anything else was not the
// factor's fault.
void release_factor(Realm& realm, const User& user, const ProvedFactor& proof, ErrorCode why);

} // namespace auth
