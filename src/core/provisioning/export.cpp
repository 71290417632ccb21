#include "core/provisioning/export.h"

#include "core/accounts/passwords_table.h"
#include "core/accounts/totp_secret.h"
#include "core/base/json.h"
#include "core/codes/otpauth.h"

#include <nlohmann/json.hpp>

namespace auth {

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
    page_.after_id = rows.back().user.id;
    page_.after_value = rows.back().sort_value;
}

UserRecord Export::record_of(const User& user) const {
    UserRecord record;
    record.email = user.email;
    record.id = user.id;
    record.username = user.username;
    record.name = user.name;
    record.phone = user.phone;
    record.address = user.address;
    record.national_id = user.national_id;
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
    if (!secrets_)
        return record;
    if (auto password = passwords_table::find(realm_.database, user.id)) {
        record.password_hash = std::move(password->hash);
        record.password_set_by = std::move(password->set_by);
        record.password_changed_at = password->changed_at;
    }
    if (const auto factor = find_totp(realm_, user.id, totp_table::State::confirmed))
        record.totp = otpauth_uri(factor->totp, realm_.settings.text("token.issuer"), user.email);
    return record;
}

} // namespace auth
