#include "core/accounts/enrolment.h"

#include "core/accounts/accounts.h"
#include "core/accounts/first_proof.h"
#include "core/accounts/lockout.h"
#include "core/accounts/notices.h"
#include "core/accounts/passwords_table.h"
#include "core/accounts/totp_secret.h"
#include "core/audit/audit.h"
#include "core/base/text.h"
#include "core/users/users_table.h"

#include <fmt/format.h>

namespace auth {
namespace {

using totp_table::State;

Error not_enrolled(const User& user, std::string_view what) {
    return error(ErrorCode::refused, fmt::format("'{}' has no {}", user.email, what))
        .with_reason("not_enrolled")
        .with_hint(NextStep{"mfa enroll", {user.email_key}});
}

void note(Realm& realm, std::string_view event, const User& user, bool by_operator) {
    record(realm, {event, user.id, true, {{"by", by_operator ? "operator" : "subject"}}});
}

Hint after_wrong_code(const Totp& totp, const User& user) {
    const std::string ignored = ignored_by_apps(totp);
    if (ignored.empty())
        return "wait for the app's next code, and check the clock";
    return {fmt::format("wait for the app's next code, and check the clock; many apps ignore {}: to"
                        " enrol with what all of them know, run",
                        ignored),
            NextStep{"mfa enroll", {user.email_key}}};
}

// Uses the proof of a subject in the open transaction.
Status use_actor_proof(Realm& realm, FactorChange& change, const ActorProof& proof) {
    if (!proof)
        return {};
    AUTH_TRY(change.user, read_again(realm, change.user));
    return use_proof(realm, change.user, *proof);
}

// Runs the act in a transaction of its own, and sees to the proof where it fails.
template <class Act>
Result<FactorChange> change_factor(Realm& realm, const User& user, const ActorProof& proof,
                                   Act act) {
    const auto run = [&]() -> Result<FactorChange> {
        Transaction transaction(realm.database,
                                proof ? locks_of(user, *proof) : Locks::user(user.id));
        if (proof)
            expect_proof(realm, user, *proof);
        FactorChange change{user, {}};
        AUTH_CHECK(use_actor_proof(realm, change, proof));
        AUTH_CHECK(act(change));
        if (auto now = users_table::find_by_id(realm.database, user.id))
            change.user = *std::move(now);
        transaction.commit();
        return change;
    };
    auto change = run();
    if (!change && proof)
        release_proof(realm, user, *proof, change.error().code);
    return change;
}

// Whoever chose the secret set the factor up, whoever confirms it.
void put_in_force(Realm& realm, FactorChange& change, const Totp& totp, std::int64_t step,
                  std::string_view set_by, bool by_operator) {
    const User& user = change.user;
    (void)totp_table::remove(realm.database, user.id, State::pending);
    store_totp(realm, user.id, State::confirmed, totp, step, set_by);
    change.recovery_codes = issue_recovery_codes(realm, user.id, set_by);
    post_factor_change(realm, user, "an authenticator app was added");
    note(realm, "mfa_enabled", user, by_operator);
}

// A password that was set beside the factor may be too short to stand alone.
void demand_longer_password(Realm& realm, const User& user, Time held_since) {
    const auto password = passwords_table::find(realm.database, user.id);
    auto changed = users_table::find_by_id(realm.database, user.id);
    if (!password || !changed || !leans_on_factor(realm, *password, held_since))
        return;
    changed->must_change_password = true;
    changed->updated_at = realm.now();
    users_table::update(realm.database, *changed);
}

} // namespace

Status enroll_totp(Realm& realm, const User& user, const Totp& totp, const ActorProof& proof) {
    const auto done = change_factor(realm, user, proof, [&](FactorChange& change) -> Status {
        store_totp(realm, user.id, State::pending, totp, 0, set_up_by(change.user, !proof));
        note(realm, "mfa_enrolled", user, !proof);
        return {};
    });
    return done ? Status() : fail(done.error());
}

Result<FactorChange> confirm_totp(Realm& realm, const User& user, const FactorAnswer& code,
                                  bool by_operator) {
    const std::string address = address_mac(realm, user.email_key);
    AUTH_CHECK(count_password_attempt(realm, address, user.id));
    const auto pending = find_totp(realm, user.id, State::pending);
    const auto step =
        pending ? matching_step(pending->totp, code.text.reveal(), realm.now()) : std::nullopt;
    if (pending && !step) {
        Transaction transaction(realm.database, Locks::address(address));
        confirm_failure(realm, address, user.id);
        record(realm, {"mfa_confirm_fail", user.id, false});
        transaction.commit_for_certain();
        return fail(error(ErrorCode::bad_code, "wrong code; the second factor is not in force")
                        .with_hint(after_wrong_code(pending->totp, user)));
    }
    give_back_attempt(realm, address);
    return change_factor(realm, user, std::nullopt, [&](FactorChange& change) -> Status {
        // Another process may have confirmed or replaced it meanwhile.
        const auto held = find_totp(realm, user.id, State::pending);
        const auto row = totp_table::find(realm.database, user.id, State::pending);
        if (!held || !row || !pending ||
            held->totp.secret.reveal() != pending->totp.secret.reveal())
            return fail(not_enrolled(user, "second factor that waits to be confirmed"));
        put_in_force(realm, change, held->totp, *step, row->set_by, by_operator);
        return {};
    });
}

Result<FactorChange> adopt_totp(Realm& realm, const User& user, const Totp& totp) {
    return change_factor(realm, user, std::nullopt, [&](FactorChange& change) -> Status {
        put_in_force(realm, change, totp, 0, "operator", true);
        return {};
    });
}

Result<FactorChange> disable_factor(Realm& realm, const User& user, const ActorProof& proof) {
    if (proof && factor_required(realm.settings, user)) {
        release_proof(realm, user, *proof, ErrorCode::refused);
        return fail(
            error(ErrorCode::refused, fmt::format("'{}' must have a second factor", user.email))
                .with_reason("mfa_enrolment_required")
                .with_hint({"enrol another in its place", NextStep{"mfa enroll"}}));
    }
    return change_factor(realm, user, proof, [&](FactorChange& change) -> Status {
        const auto held = totp_table::find(realm.database, user.id, State::confirmed);
        const bool waiting = totp_table::find(realm.database, user.id, State::pending).has_value();
        change.changed = held || waiting;
        (void)drop_factor(realm, user.id);
        if (change.changed)
            note(realm, "mfa_disabled", user, !proof);
        if (!held)
            return {};
        demand_longer_password(realm, user, held->held_since);
        post_factor_change(realm, user, "the authenticator app was removed");
        return {};
    });
}

Result<FactorChange> renew_recovery_codes(Realm& realm, const User& user, const ActorProof& proof) {
    return change_factor(realm, user, proof, [&](FactorChange& change) -> Status {
        if (!totp_table::find(realm.database, user.id, State::confirmed))
            return fail(not_enrolled(user, "second factor"));
        change.recovery_codes =
            issue_recovery_codes(realm, user.id, set_up_by(change.user, !proof));
        post_factor_change(realm, user, "new recovery codes were made");
        note(realm, "mfa_recovery_codes_made", user, !proof);
        return {};
    });
}

Result<Totp> export_totp(Realm& realm, const User& user) {
    Transaction transaction(realm.database, Locks::user(user.id));
    auto held = find_totp(realm, user.id, State::confirmed);
    if (!held)
        return fail(not_enrolled(user, "second factor"));
    note(realm, "mfa_exported", user, true);
    transaction.commit();
    return std::move(held->totp);
}

} // namespace auth
