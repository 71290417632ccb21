// The rows of users who are there already.
#include "core/accounts/credentials.h"
#include "core/accounts/passwords_table.h"
#include "core/accounts/totp_secret.h"
#include "core/base/text.h"
#include "core/codes/code.h"
#include "core/provisioning/user_import_writer.h"
#include "core/users/identities_table.h"
#include "core/users/user_roles_table.h"
#include "core/users/users_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

// Turns a flag of the row into a time of the user; says whether it changed.
bool set_since(std::optional<Time>& since, std::optional<bool> wanted, Time now) {
    if (!wanted || *wanted == since.has_value())
        return false;
    since = *wanted ? std::optional(now) : std::nullopt;
    return true;
}

} // namespace

// Something about the row is there already.
Result<RowOutcome> UserImportWriter::meet(IncomingUser& incoming, RowResult& result) {
    const auto present = users_table::find_by_email_key(realm_.database, incoming.user.email_key);
    if (!present) {
        AUTH_CHECK(check_username(incoming, ""));
        return fail(taken(incoming, "id", incoming.user.id, "id:" + incoming.user.id,
                          users_table::find_by_id(realm_.database, incoming.user.id)));
    }
    switch (rules_.on_conflict) {
    case OnConflict::fail:
        return fail(
            error(ErrorCode::exists, fmt::format("{} already exists", in_quotes(incoming.email)))
                .with_field("email")
                .with_hint("--on-conflict skip, or --on-conflict update"));
    case OnConflict::skip:
        incoming.user.id = present->id;
        return RowOutcome::skipped;
    case OnConflict::update:
        return update(*present, incoming, result);
    }
    return RowOutcome::failed;
}

bool UserImportWriter::can_log_in(const User& user) {
    return passwords_table::find(realm_.database, user.id) ||
           find_totp(realm_, user.id, totp_table::State::confirmed) ||
           !identities_table::of_user(realm_.database, user.id).empty();
}

bool UserImportWriter::may_change(Right right, Right named, bool settled, RowResult& result) const {
    if (!settled || rules_.permissions.is_named(named))
        return true;
    result.kept.insert(right);
    return false;
}

bool UserImportWriter::new_password(User& user, const IncomingUser& incoming, bool settled,
                                    RowResult& result) {
    if (!incoming.password && !incoming.password_hash)
        return false;
    const auto stored = passwords_table::find(realm_.database, user.id);
    const bool same =
        stored && (incoming.password_hash ? stored->hash == *incoming.password_hash
                                          : verify_password(*incoming.password, stored->hash));
    if (same && !stored->from_file)
        note_password(user.id);
    if (same || is_said(incoming) || !may_change(Right::hashes, Right::hashes, settled, result))
        return false;
    store_password(realm_, user, incoming.new_hash.value_or(incoming.password_hash.value_or("")),
                   incoming.password_set_by);
    note_password(user.id);
    result.credentials_replaced += stored ? 1 : 0;
    return true;
}

bool UserImportWriter::is_said(const IncomingUser& incoming) const {
    if (!said_ || !said_->password_mac)
        return false;
    if (incoming.password_hash)
        return was_imported(realm_, *said_, *incoming.password_hash);
    const auto normalised = normalise_password(*incoming.password);
    return normalised && was_imported(realm_, *said_, *normalised);
}

// A demand that an earlier import made of the same password was complied with, or lifted here.
bool UserImportWriter::demands_new_password(const User& user, const IncomingUser& incoming,
                                            bool fresh) const {
    const bool wanted = incoming.must_change_password.value_or(user.must_change_password);
    const bool repeated =
        !fresh && incoming.must_change_password == true && said_ && said_->must_change;
    return repeated ? user.must_change_password : wanted;
}

void UserImportWriter::note_password(std::string_view user_id) {
    note_imported_password(realm_, user_id);
    said_ = imported_credentials_table::find(realm_.database, user_id);
}

void UserImportWriter::note_factor(std::string_view user_id, const std::string& mac) {
    auto row = said_.value_or(imported_credentials_table::Row());
    row.totp_mac = mac;
    imported_credentials_table::put(realm_.database, user_id, row);
    said_ = std::move(row);
}

void UserImportWriter::note_demand(std::string_view user_id, const IncomingUser& incoming) {
    const bool demanded = incoming.must_change_password.value_or(false);
    auto row = said_.value_or(imported_credentials_table::Row());
    if (row.must_change == demanded)
        return;
    row.must_change = demanded;
    imported_credentials_table::put(realm_.database, user_id, row);
}

bool UserImportWriter::new_factor(const User& user, const IncomingUser& incoming, bool settled,
                                  RowResult& result) {
    if (!incoming.totp)
        return false;
    const auto stored = find_totp(realm_, user.id, totp_table::State::confirmed);
    const std::string mac = imported_totp_mac(realm_, *incoming.totp);
    const bool said = said_ && said_->totp_mac == mac;
    const bool same = stored && stored->totp.secret.reveal() == incoming.totp->secret.reveal();
    if (same && !said)
        note_factor(user.id, mac);
    if (same || said || !may_change(Right::mfa, Right::hashes, settled, result))
        return false;
    store_totp(realm_, user.id, totp_table::State::confirmed, *incoming.totp, 0,
               incoming.password_set_by);
    note_factor(user.id, mac);
    result.credentials_replaced += stored ? 1 : 0;
    return true;
}

bool UserImportWriter::new_identities(User& user, const IncomingUser& incoming, bool settled,
                                      RowResult& result) {
    if (!incoming.sets_identities || links_->are_of(incoming.identities, user.id) ||
        !may_change(Right::identities, Right::identities, settled, result))
        return false;
    if (links_->replace(incoming.identities, user.id, incoming.line, *audit_)) {
        ++user.session_epoch; // as when an operator takes one away
        ++result.credentials_replaced;
    }
    return true;
}

std::vector<std::string> UserImportWriter::update_credentials(User& user, IncomingUser& incoming,
                                                              RowResult& result) {
    std::vector<std::string> fields;
    if (!incoming.password && !incoming.password_hash && !incoming.totp &&
        !incoming.sets_identities)
        return fields;
    const bool settled = can_log_in(user);
    if (new_password(user, incoming, settled, result))
        fields.emplace_back("password");
    if (new_factor(user, incoming, settled, result))
        fields.emplace_back("totp");
    if (new_identities(user, incoming, settled, result))
        fields.emplace_back("identities");
    return fields;
}

Result<RowOutcome> UserImportWriter::update(const User& before, IncomingUser& incoming,
                                            RowResult& result) {
    AUTH_CHECK(check_username(incoming, before.id));
    AUTH_CHECK(links_->check(incoming.identities, before.id));
    if (!incoming.user.id.empty() && incoming.user.id != before.id &&
        rules_.permissions.is_named(Right::ids))
        return fail(error(ErrorCode::exists,
                          fmt::format("{} exists with another id", in_quotes(incoming.email)))
                        .with_field("id")
                        .with_hint(NextStep{"show", {"id:" + before.id}}));
    said_ = imported_credentials_table::find(realm_.database, before.id);
    User user = before;
    std::vector<std::string> fields = apply_profile(user, incoming.profile);
    if (set_since(user.verified_at, incoming.verified, rules_.now))
        fields.emplace_back("verified");
    // Nobody who was disabled here comes back by a file that says otherwise all the time.
    const bool enables = incoming.disabled == false && user.disabled_at.has_value();
    if ((!enables || may_change(Right::enabled, Right::enabled, true, result)) &&
        set_since(user.disabled_at, incoming.disabled, rules_.now)) {
        fields.emplace_back("disabled");
        user.disabled_reason = user.disabled_at ? incoming.user.disabled_reason : "";
        if (user.disabled_at) {
            ++user.session_epoch;
            drop_codes(realm_, user.id);
        }
    }
    if (incoming.sets_roles && user.roles != incoming.user.roles) {
        for (const std::string& role : user.roles)
            (void)user_roles_table::revoke(realm_.database, user.id, role);
        for (const std::string& role : incoming.user.roles)
            (void)user_roles_table::grant(realm_.database, user.id, role);
        fields.emplace_back("roles");
    }
    const std::vector<std::string> credentials = update_credentials(user, incoming, result);
    const bool fresh = std::ranges::find(credentials, "password") != credentials.end();
    if (const bool must = demands_new_password(user, incoming, fresh);
        must != user.must_change_password &&
        (must || fresh || may_change(Right::enabled, Right::enabled, true, result))) {
        user.must_change_password = must;
        fields.emplace_back("must_change_password");
    }
    fields.insert(fields.end(), credentials.begin(), credentials.end());
    note_demand(user.id, incoming);
    incoming.user.id = user.id;
    if (fields.empty())
        return RowOutcome::unchanged;
    user.updated_at = rules_.now;
    names_moved_ = user.username != before.username;
    users_table::update(realm_.database, user);
    audit_->record(
        {.event = "user_updated",
         .target = user.id,
         .detail = {{"by", "import"}, {"line", incoming.line}, {"fields", std::move(fields)}}});
    return RowOutcome::updated;
}

} // namespace auth
