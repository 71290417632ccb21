#include "core/accounts/second_factor.h"

#include "core/accounts/lockout.h"
#include "core/accounts/notices.h"
#include "core/accounts/recovery_codes_table.h"
#include "core/accounts/totp_secret.h"
#include "core/audit/audit.h"
#include "core/base/text.h"
#include "core/settings/setting.h"
#include "core/users/users_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

constexpr std::size_t recovery_code_length = 16;

Error wrong_factor() {
    return error(ErrorCode::bad_code, "wrong code of the second factor, or one that was used")
        .with_hint("wait for the app's next code");
}

std::string without_blanks(std::string_view typed) {
    std::string text;
    for (const char c : typed)
        if (c != ' ' && c != '\t' && c != '\n' && c != '\r' && c != '-')
            text += c;
    return text;
}

bool made_of(std::string_view text, std::string_view alphabet) {
    return text.find_first_not_of(alphabet) == std::string_view::npos;
}

Result<User> unless_ended(std::optional<User> now, const User& before) {
    if (!now || now->session_epoch != before.session_epoch)
        return fail(
            error(ErrorCode::bad_credentials, "the account was changed while this was going on")
                .with_hint("try again"));
    return *std::move(now);
}

Result<FactorAnswer> answer_of(Realm& realm, std::string_view address, const AskFactor& ask) {
    close_attempt(realm, address);
    // The attempt that this belongs to may itself be the last one before the lock.
    const bool locks = !check_not_locked(realm, address);
    auto answer = ask ? ask()
                      : fail(error(ErrorCode::refused, "a code of the second factor is needed")
                                 .with_reason("mfa_required")
                                 .with_hint("give it with --totp CODE or --recovery-code CODE"));
    if (!answer)
        give_back_attempt(realm, address);
    else if (!locks)
        AUTH_CHECK(check_not_locked(realm, address));
    return answer;
}

// Right and not used yet, or nothing.
std::optional<ProvedFactor> compare(Realm& realm, const User& user, const FactorAnswer& answer,
                                    std::string_view address) {
    ProvedFactor proof{std::string(address)};
    if (answer.kind == FactorAnswer::Kind::recovery_code) {
        proof.recovery_mac = recovery_code_mac(realm, user.id, answer.text);
        if (!recovery_codes_table::contains(realm.database, user.id, proof.recovery_mac))
            return std::nullopt;
        return proof;
    }
    const auto stored = find_totp(realm, user.id, totp_table::State::confirmed);
    const auto step =
        stored ? matching_step(stored->totp, answer.text.reveal(), realm.now()) : std::nullopt;
    if (!step || *step <= stored->last_step)
        return std::nullopt;
    proof.step = step;
    proof.secret_since = stored->since;
    return proof;
}

void count_wrong_factor(Realm& realm, const User& user, std::string_view address) {
    Transaction transaction(realm.database, Locks::address(address));
    confirm_failure(realm, address, user.id);
    record(realm, {"authn_login_fail", user.id, false, {{"reason", "bad_second_factor"}}});
    transaction.commit_for_certain();
}

} // namespace

Result<FactorAnswer> parse_totp_code(std::string_view typed) {
    std::string text = without_blanks(typed);
    FactorAnswer answer{FactorAnswer::Kind::totp, Secret(text)};
    wipe(text);
    if ((answer.text.size() != 6 && answer.text.size() != 8) ||
        !made_of(answer.text.reveal(), "0123456789"))
        return fail(error(ErrorCode::usage, "a code of an authenticator app is 6 or 8 digits")
                        .with_field("totp"));
    return answer;
}

Result<FactorAnswer> parse_recovery_code(std::string_view typed) {
    std::string text = lower_ascii(without_blanks(typed));
    FactorAnswer answer{FactorAnswer::Kind::recovery_code, Secret(text)};
    wipe(text);
    if (answer.text.size() != recovery_code_length ||
        !made_of(answer.text.reveal(), "abcdefghijklmnopqrstuvwxyz234567"))
        return fail(error(ErrorCode::usage,
                          "a recovery code is 16 letters and digits, as xxxx-xxxx-xxxx-xxxx")
                        .with_field("recovery_code"));
    return answer;
}

bool factor_required(const Settings& settings, const User& user) {
    const std::string who = settings.get(setting<"mfa.required">);
    if (who == "none" || who == "all")
        return who == "all";
    const std::string role = who.substr(who.find(':') + 1);
    return std::find(user.roles.begin(), user.roles.end(), role) != user.roles.end();
}

Status check_factor_policy(const Realm& realm, const User& user) {
    if (user.mfa || !factor_required(realm.settings, user))
        return {};
    return fail(error(ErrorCode::refused,
                      fmt::format("'{}' must have a second factor to log in", user.email))
                    .with_reason("mfa_enrolment_required")
                    .with_hint(NextStep{"mfa enroll", {user.email_key, "--password-stdin"}}));
}

Result<User> read_again(Realm& realm, const User& before) {
    return unless_ended(users_table::find_by_id(realm.database, before.id), before);
}

Result<User> read_again(Realm& realm, const User& before, Purpose purpose, bool proves_address) {
    auto user = users_table::find_by_id(realm.database, before.id);
    if (user) {
        User judged = *user;
        if (proves_address)
            judged.verified_at = realm.now();
        AUTH_CHECK(check_may(realm, judged, purpose));
    }
    AUTH_TRY(User now, unless_ended(std::move(user), before));
    if (purpose == Purpose::log_in)
        AUTH_CHECK(check_factor_policy(realm, now));
    return now;
}

Result<ProvedFactor> prove_factor(Realm& realm, const User& user, std::string_view address,
                                  const AskFactor& ask) {
    if (!user.mfa)
        return ProvedFactor{std::string(address)};
    AUTH_TRY(const FactorAnswer answer, answer_of(realm, address, ask));
    {
        Transaction transaction(realm.database, Locks::address(address));
        AUTH_CHECK(count_factor_attempt(realm, address, user.id));
        transaction.commit_for_certain();
    }
    auto proof = compare(realm, user, answer, address);
    if (!proof) {
        count_wrong_factor(realm, user, address);
        return fail(wrong_factor());
    }
    if (realm.dry_run)
        release_factor(realm, user, *proof, ErrorCode::internal);
    return *std::move(proof);
}

void expect_factor(Realm& realm, const User& user, const ProvedFactor& proof) {
    if (!proof.present())
        totp_table::expect(realm.database, user.id, totp_table::State::confirmed);
}

Status use_factor(Realm& realm, const User& user, const ProvedFactor& proof) {
    if (!proof.present()) {
        if (totp_table::find(realm.database, user.id, totp_table::State::confirmed))
            return fail(error(ErrorCode::refused, "a second factor was enrolled meanwhile")
                            .with_reason("mfa_required"));
        return {};
    }
    const bool fresh =
        proof.step ? totp_table::advance(realm.database, user.id, *proof.step, proof.secret_since)
                   : recovery_codes_table::remove(realm.database, user.id, proof.recovery_mac);
    if (!fresh)
        return fail(wrong_factor());
    clear_factor_attempts(realm, proof.address);
    if (proof.step)
        return {};
    const auto left = recovery_codes_table::count(realm.database, user.id);
    record(realm, {"mfa_recovery_code_used", user.id, true, {{"left", left}}});
    post_factor_change(realm, user, "a recovery code was used");
    return {};
}

void release_factor(Realm& realm, const User& user, const ProvedFactor& proof, ErrorCode why) {
    if (!proof.present())
        return;
    if (why == ErrorCode::bad_code)
        return count_wrong_factor(realm, user, proof.address);
    forgive_factor(realm, proof.address);
}

} // namespace auth
