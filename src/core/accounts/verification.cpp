#include "core/accounts/verification.h"

#include "core/accounts/accounts.h"
#include "core/accounts/attempts_table.h"
#include "core/accounts/credentials.h"
#include "core/accounts/lockout.h"
#include "core/accounts/notices.h"
#include "core/accounts/subject_proof.h"
#include "core/audit/audit.h"
#include "core/base/text.h"
#include "core/codes/code.h"
#include "core/codes/login_link.h"
#include "core/mail/outbox.h"
#include "core/settings/setting.h"
#include "core/users/users_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

Error refusal(CodeVerdict verdict, CodePurpose purpose, const UserRef& ref) {
    const NextStep again = purpose == CodePurpose::verify
                               ? NextStep{"verify", {to_text(ref), "--resend"}}
                               : NextStep{"reset", {to_text(ref), "--request"}};
    if (verdict == CodeVerdict::expired)
        return error(ErrorCode::expired, "the code has expired").with_hint(again);
    return error(ErrorCode::bad_code, "wrong code").with_hint(again);
}

// The code was right, but the act that would use it up fails or is undone.
void forgive_code(Realm& realm, std::string_view user_id, CodePurpose purpose,
                  std::string_view address) {
    Transaction transaction(realm.database, Locks::user(user_id) + Locks::address(address));
    give_back_try(realm, user_id, purpose);
    clear_attempts(realm, address);
    transaction.commit_for_certain();
}

// A right code, not yet used.
struct ProvedCode {
    User user;
    std::string address;
    StoredCode code;
};

Locks locks_of(const ProvedCode& proved) {
    return Locks::user(proved.user.id) + Locks::address(proved.address);
}

// The code was right and is kept for later: nothing was counted for it.
void give_back_code(Realm& realm, const ProvedCode& proved, CodePurpose purpose) {
    Transaction transaction(realm.database, locks_of(proved));
    give_back_try(realm, proved.user.id, purpose);
    give_back_code_attempt(realm, proved.address);
    transaction.commit_for_certain();
}

Locks locks_of(const std::optional<User>& user, std::string_view address) {
    const Locks locks = Locks::address(address);
    return user ? locks + Locks::user(user->id) : locks;
}

// Counts the try and commits, then compares. Whether the user exists makes no difference outside.
Result<ProvedCode> prove_code(Realm& realm, const UserRef& ref, CodePurpose purpose,
                              const Secret& typed) {
    auto user = users_table::find(realm.database, ref);
    const std::string address = address_mac(realm, ref, user);
    const Locks locks = locks_of(user, address);
    std::optional<StoredCode> code;
    {
        Transaction transaction(realm.database, locks);
        attempts_table::expect(realm.database, address);
        expect_code(realm, user ? user->id : "", purpose);
        if (user)
            user = users_table::find_by_id(realm.database, user->id);
        code = find_code(realm, user ? user->id : "", purpose);
        AUTH_CHECK(count_code_attempt(realm, address, user ? user->id : ""));
        if (code)
            count_try(realm, user->id, purpose, *code);
        record(realm,
               {purpose == CodePurpose::verify ? "authn_verify_attempt" : "authn_reset_attempt",
                user ? user->id : ""});
        transaction.commit_for_certain();
    }
    const std::string offered = code_mac(realm, user ? user->id : "", purpose, typed.reveal());
    const CodeVerdict verdict =
        code ? judge(*code, offered, realm.settings.get(setting<"codes.tries">), realm.now())
             : CodeVerdict::wrong;
    if (verdict != CodeVerdict::right) {
        Transaction transaction(realm.database, locks);
        record(realm,
               {.event = purpose == CodePurpose::verify ? "authn_verify_fail" : "authn_reset_fail",
                .target = user ? user->id : "",
                .ok = false,
                .detail = {{"reason", verdict == CodeVerdict::expired ? "expired" : "bad_code"}}});
        transaction.commit_for_certain();
        return fail(refusal(verdict, purpose, ref));
    }
    if (realm.dry_run)
        forgive_code(realm, user->id, purpose, address);
    return ProvedCode{*std::move(user), address, *std::move(code)};
}

// Reloads the user and uses the code up, or finds that another process was quicker.
Result<User> take_code(Realm& realm, const ProvedCode& proved, CodePurpose purpose,
                       const UserRef& ref) {
    auto user = users_table::find_by_id(realm.database, proved.user.id);
    if (!user || !consume_code(realm, proved.user.id, purpose, proved.code))
        return fail(refusal(CodeVerdict::wrong, purpose, ref));
    clear_attempts(realm, proved.address);
    return *std::move(user);
}

// What the person proves besides the code, where the first proof is still to come.
Result<SubjectProof> prove_kept(Realm& realm, const ProvedCode& proved, const AskKept& ask) {
    SubjectProof proof;
    const User& user = proved.user;
    if (!ask.password || user.verified_at || !has_password(realm, user))
        return proof;
    if (!realm.dry_run)
        give_back_code(realm, proved, CodePurpose::verify);
    AUTH_TRY(const auto password, ask.password());
    if (!password)
        return proof;
    AUTH_TRY(const UserRef same, parse_user_ref("id:" + user.id));
    AUTH_TRY(proof.password, authenticate(realm, same, *password, Purpose::prove_address));
    if (!factor_is_unproved(realm, user))
        return proof;
    auto factor = prove_factor(realm, user, proof.password->address, ask.factor);
    if (factor)
        proof.factor = *std::move(factor);
    else if (factor.error().reason != "mfa_required")
        return fail(factor.error());
    return proof;
}

// The code, and what was proved besides it, in one transaction.
Result<Verified> use_code(Realm& realm, const UserRef& ref, const ProvedCode& proved,
                          const SubjectProof& kept) {
    Transaction transaction(realm.database, locks_of(proved) + locks_of(proved.user, kept));
    AUTH_TRY(User user, take_code(realm, proved, CodePurpose::verify, ref));
    Verified verified;
    verified.changed = !user.verified_at;
    if (kept.password) {
        AUTH_TRY(const auto stored, check_authentication(realm, user, *kept.password));
        complete_authentication(realm, stored, *kept.password);
    }
    if (kept.factor.present())
        AUTH_CHECK(use_factor(realm, user, kept.factor));
    verified.dropped =
        prove_address(realm, user, "code", {kept.password.has_value(), kept.factor.present()});
    users_table::update(realm.database, user);
    transaction.commit();
    verified.user = std::move(user);
    return verified;
}

std::string_view event_of(CodePurpose purpose) {
    switch (purpose) {
    case CodePurpose::verify:
        return "verify_requested";
    case CodePurpose::reset:
        return "reset_requested";
    case CodePurpose::link:
        return "link_requested";
    }
    return {};
}

Letter letter_for(const Realm& realm, CodePurpose purpose, const Secret& code) {
    const Seconds life = realm.settings.get(purpose == CodePurpose::link ? setting<"links.ttl">
                                                                         : setting<"codes.ttl">);
    switch (purpose) {
    case CodePurpose::verify:
        return verification_letter(code.reveal(), life);
    case CodePurpose::reset:
        return reset_letter(code.reveal(), life);
    case CodePurpose::link:
        break;
    }
    const std::string url = link_url(realm.settings, code);
    if (!url.empty())
        return link_letter(url, life);
    const NextStep step{"login", {"--link", std::string(code.reveal())}};
    return link_command_letter(code.reveal(), realm.typed(step), life);
}

Status request_code(Realm& realm, const UserRef& ref, CodePurpose purpose) {
    const auto before = users_table::find(realm.database, ref);
    const std::string address = address_mac(realm, ref, before);
    const Time now = realm.now();
    Transaction transaction(realm.database, locks_of(before, address) + Locks::mails());
    expect_request(realm, address, purpose, now);
    const auto user = before ? users_table::find_by_id(realm.database, before->id) : std::nullopt;
    AUTH_CHECK(count_request(realm, address, purpose, now));
    const bool wanted =
        user && !user->disabled_at && (purpose != CodePurpose::verify || !user->verified_at);
    if (wanted) {
        const Secret code = purpose == CodePurpose::link ? issue_link(realm, user->id)
                                                         : issue_code(realm, user->id, purpose);
        post(realm, recipient_of(*user), letter_for(realm, purpose, code), Departure::unseen);
    } else {
        // The same work for nobody, so that the time it takes says nothing.
        const Secret code(std::string_view("0000000"));
        unpost(realm, post(realm, {"", to_text(ref)}, letter_for(realm, purpose, code),
                           Departure::unseen));
    }
    record(realm, {event_of(purpose), user ? user->id : "", wanted});
    transaction.commit();
    return {};
}

} // namespace

void post_verification(Realm& realm, const User& user) {
    const Secret code = issue_code(realm, user.id, CodePurpose::verify);
    post(realm, recipient_of(user), letter_for(realm, CodePurpose::verify, code),
         Departure::awaited);
}

Result<Secret> parse_code(std::string_view typed) {
    typed = trimmed(typed, white_space);
    const bool digits = std::all_of(typed.begin(), typed.end(), is_digit);
    if (typed.empty() || typed.size() > 10 || !digits)
        return fail(
            error(ErrorCode::usage, "a code is 4 to 10 digits, as in the mail").with_field("code"));
    return Secret(typed);
}

Result<Verified> verify_user(Realm& realm, const UserRef& ref, const Secret& code,
                             const AskKept& ask) {
    AUTH_TRY(const ProvedCode proved, prove_code(realm, ref, CodePurpose::verify, code));
    AUTH_TRY(const SubjectProof kept, prove_kept(realm, proved, ask));
    auto verified = use_code(realm, ref, proved, kept);
    if (!verified)
        release_proof(realm, proved.user, kept, verified.error().code);
    return verified;
}

Result<Verified> verify_by_operator(Realm& realm, const UserRef& ref) {
    AUTH_TRY(const std::string id, id_of(realm, ref));
    Transaction transaction(realm.database, Locks::user(id));
    AUTH_TRY(User user, read_locked(realm, ref, id));
    if (user.verified_at)
        return Verified{std::move(user), false};
    user.verified_at = user.updated_at = realm.now();
    drop_codes(realm, user.id);
    users_table::update(realm.database, user);
    record(realm, {"user_verified", user.id, true, {{"by", "operator"}}});
    transaction.commit();
    return Verified{std::move(user), true};
}

Status resend_verification(Realm& realm, const UserRef& ref) {
    return request_code(realm, ref, CodePurpose::verify);
}

Status request_reset(Realm& realm, const UserRef& ref) {
    return request_code(realm, ref, CodePurpose::reset);
}

Status request_link(Realm& realm, const UserRef& ref) {
    return request_code(realm, ref, CodePurpose::link);
}

Result<User> reset_password(Realm& realm, const UserRef& ref, const Secret& code,
                            const Secret& password) {
    AUTH_TRY(const ProvedCode proved, prove_code(realm, ref, CodePurpose::reset, code));
    User holder = proved.user;
    holder.mfa = holder.mfa && !factor_is_unproved(realm, holder);
    const auto hash = hash_new_password(realm, password, holder);
    if (!hash) {
        forgive_code(realm, proved.user.id, CodePurpose::reset, proved.address);
        return fail(hash.error());
    }
    Transaction transaction(realm.database, locks_of(proved));
    AUTH_TRY(User user, take_code(realm, proved, CodePurpose::reset, ref));
    const auto dropped = drop_unproved(realm, user);
    store_password(realm, user, *hash, "subject");
    if (dropped)
        note_first_proof(realm, user, "reset", *dropped);
    user.must_change_password = false;
    users_table::update(realm.database, user);
    record(realm, {"authn_password_change", user.id, true, {{"by", "reset"}}});
    notify(realm, user, password_changed_letter());
    transaction.commit();
    return user;
}

} // namespace auth
