#include "core/provisioning/export_users.h"

#include "core/accounts/passwords_table.h"
#include "core/accounts/totp_secret.h"
#include "core/base/json.h"
#include "core/codes/otpauth.h"
#include "core/settings/setting.h"
#include "core/users/identities_table.h"
#include "core/users/user_roles_table.h"

#include <nlohmann/json.hpp>

#include <string_view>

namespace auth {
namespace {

UserRecord record_of(User&& user) {
    UserRecord record;
    record.email = std::move(user.email);
    record.id = std::move(user.id);
    for (const ProfileField& field : profile_fields)
        record.*field.place = std::move(user.*field.place);
    record.attributes = user.attributes.empty() ? "{}" : Json(user.attributes).dump();
    record.verified = user.verified_at.has_value();
    record.verified_at = user.verified_at;
    record.disabled = user.disabled_at.has_value();
    record.disabled_at = user.disabled_at;
    if (!user.disabled_reason.empty())
        record.disabled_reason = std::move(user.disabled_reason);
    record.must_change_password = user.must_change_password;
    record.created_at = user.created_at;
    record.updated_at = user.updated_at;
    record.last_login_at = user.last_login_at;
    return record;
}

} // namespace

Export::Export(Realm& realm, UserFilter filter, bool secrets) : realm_(realm), secrets_(secrets) {
    page_.limit = 1000;
    page_.filter = std::move(filter);
    page_.own_columns = true;
}

std::optional<UserRecord> Export::next() {
    if (at_ == records_.size() && !ended_) {
        records_ = ahead_.valid() ? ahead_.get() : load();
        at_ = 0;
        ended_ = records_.empty();
        if (!ended_)
            ahead_ = std::async(std::launch::async, [this] { return load(); });
    }
    return at_ < records_.size() ? std::optional(std::move(records_[at_++])) : std::nullopt;
}

// A few statements a page, however many users it has.
Export::Records Export::load() {
    const Snapshot snapshot(realm_.database);
    auto rows = users_table::list(realm_.database, page_);
    if (rows.empty())
        return {};
    page_.after_value = std::move(rows.back().sort_value);
    Records records;
    records.reserve(rows.size());
    for (auto& row : rows)
        records.push_back(record_of(std::move(row.user)));
    page_.after_id = *records.back().id;
    std::vector<std::string_view> ids;
    for (const UserRecord& record : records)
        ids.emplace_back(*record.id);
    user_roles_table::expect_roles_of(realm_.database, ids);
    if (secrets_)
        expect_secrets(ids);
    auto roles = user_roles_table::roles_of(realm_.database, ids);
    for (UserRecord& record : records) {
        record.roles.emplace();
        if (const auto found = roles.find(*record.id); found != roles.end())
            record.roles = std::move(found->second);
    }
    if (secrets_)
        add_secrets(records, ids);
    return records;
}

void Export::expect_secrets(std::span<const std::string_view> ids) {
    passwords_table::expect_of_users(realm_.database, ids);
    totp_table::expect_of_users(realm_.database, ids, totp_table::State::confirmed);
    identities_table::expect_of_users(realm_.database, ids);
}

void Export::add_secrets(Records& records, std::span<const std::string_view> ids) {
    auto passwords = passwords_table::of_users(realm_.database, ids);
    const auto factors = totp_table::of_users(realm_.database, ids, totp_table::State::confirmed);
    auto identities = identities_table::of_users(realm_.database, ids);
    const std::string issuer = realm_.settings.get(setting<"token.issuer">);
    for (UserRecord& record : records) {
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
