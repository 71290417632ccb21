#include "core/provisioning/export_users.h"

#include "core/accounts/passwords_table.h"
#include "core/accounts/totp_secret.h"
#include "core/base/json.h"
#include "core/codes/otpauth.h"
#include "core/settings/setting.h"
#include "core/users/identities_table.h"

#include <nlohmann/json.hpp>

#include <string_view>

namespace auth {
namespace {

UserRecord record_of(const User& user) {
    UserRecord record;
    record.email = user.email;
    record.id = user.id;
    for (const ProfileField& field : profile_fields)
        record.*field.place = user.*field.place;
    record.attributes = user.attributes.empty() ? "{}" : Json(user.attributes).dump();
    record.roles = user.roles;
    record.verified = user.verified_at.has_value();
    record.verified_at = user.verified_at;
    record.disabled = user.disabled_at.has_value();
    record.disabled_at = user.disabled_at;
    if (!user.disabled_reason.empty())
        record.disabled_reason = user.disabled_reason;
    record.must_change_password = user.must_change_password;
    record.created_at = user.created_at;
    record.updated_at = user.updated_at;
    record.last_login_at = user.last_login_at;
    return record;
}

} // namespace

Export::Export(Realm& realm, UserFilter filter, bool secrets) : realm_(realm), secrets_(secrets) {
    page_.limit = 500;
    page_.filter = std::move(filter);
}

std::optional<UserRecord> Export::next() {
    if (at_ == records_.size() && !ended_)
        load();
    return at_ < records_.size() ? std::optional(std::move(records_[at_++])) : std::nullopt;
}

void Export::load() {
    const Snapshot snapshot(realm_.database);
    const auto rows = users_table::list(realm_.database, page_);
    records_.clear();
    at_ = 0;
    for (const auto& row : rows)
        records_.push_back(record_of(row.user));
    ended_ = rows.empty();
    if (ended_)
        return;
    if (secrets_)
        add_secrets();
    page_.after_id = rows.back().user.id;
    page_.after_value = rows.back().sort_value;
}

// A few statements a page, however many users it has.
void Export::add_secrets() {
    std::vector<std::string_view> ids;
    for (const UserRecord& record : records_)
        ids.emplace_back(*record.id);
    auto passwords = passwords_table::of_users(realm_.database, ids);
    const auto factors = totp_table::of_users(realm_.database, ids, totp_table::State::confirmed);
    auto identities = identities_table::of_users(realm_.database, ids);
    const std::string issuer = realm_.settings.get(setting<"token.issuer">);
    for (UserRecord& record : records_) {
        if (const auto password = passwords.find(*record.id); password != passwords.end()) {
            record.password_hash = std::move(password->second.hash);
            record.password_set_by = std::move(password->second.set_by);
            record.password_changed_at = password->second.changed_at;
        }
        if (const auto factor = factors.find(*record.id); factor != factors.end())
            record.totp = otpauth_uri(open_totp(realm_, factor->second).totp, issuer, record.email);
        if (const auto links = identities.find(*record.id); links != identities.end()) {
            auto& list = record.identities.emplace();
            for (LinkedIdentity& link : links->second)
                list.push_back({std::move(link.issuer), "", std::move(link.subject), link.linked_at,
                                link.last_login_at});
        }
    }
}

} // namespace auth
