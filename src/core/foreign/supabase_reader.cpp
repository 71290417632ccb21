#include "core/foreign/foreign_readers.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace auth {
namespace {

// A column of JSON: an object, or its text in CSV.
Json object_at(const Json& element, std::string_view name) {
    const Json& value = member(element, name);
    if (!value.is_string())
        return value;
    auto parsed = parse_json(value.get_ref<const std::string&>());
    return parsed ? *std::move(parsed) : Json();
}

void gather_metadata(const Json& element, ForeignUser& user) {
    // The table and the admin API name them differently.
    Json own = object_at(element, "raw_user_meta_data");
    if (own.is_null())
        own = object_at(element, "user_metadata");
    Json app = object_at(element, "raw_app_meta_data");
    if (app.is_null())
        app = object_at(element, "app_metadata");
    const auto full = text_at(own, "full_name");
    user.set_name(full ? full : text_at(own, "name"), std::nullopt, std::nullopt);
    for (const char* const told_elsewhere :
         {"full_name", "name", "email", "email_verified", "phone_verified", "sub"})
        if (own.is_object())
            own.erase(told_elsewhere);
    for (const char* const about_logins : {"provider", "providers"})
        if (app.is_object())
            app.erase(about_logins);
    user.add_attributes(own);
    user.add_attributes(app, "app_metadata.");
}

// "infinity" and any other text that is not a time ban as well.
void gather_ban(const Json& element, ForeignUser& user, Time now) {
    const std::string until = text_at(element, "banned_until").value_or("");
    const auto end = time_at(element, "banned_until");
    if (!until.empty() && (!end || *end > now))
        user.shut_out(fmt::format("banned until {}", until));
}

void leave_lists(const Json& element, ForeignUser& user) {
    const Json& identities = member(element, "identities");
    if (identities.is_array())
        for (const Json& one : identities)
            user.leave_behind("identities", text_at(one, "provider") == "email" ? 0 : 1);
    if (const Json& factors = member(element, "factors"); factors.is_array())
        user.leave_behind("second_factors", static_cast<std::int64_t>(factors.size()));
}

// Marks that nothing here means, and columns that nobody reads. The last ones of those that are
// known are of mails on their way, and of the instance.
void leave_columns(const Json& element, ForeignUser& user) {
    for (const char* const mark : {"is_super_admin", "is_sso_user", "is_anonymous"})
        user.leave_behind(mark, truth_at(element, mark).value_or(false) ? 1 : 0);
    user.leave_rest(element, {"id",
                              "email",
                              "encrypted_password",
                              "raw_user_meta_data",
                              "raw_app_meta_data",
                              "user_metadata",
                              "app_metadata",
                              "phone",
                              "email_confirmed_at",
                              "confirmed_at",
                              "banned_until",
                              "deleted_at",
                              "created_at",
                              "updated_at",
                              "last_sign_in_at",
                              "identities",
                              "factors",
                              "is_super_admin",
                              "is_sso_user",
                              "is_anonymous",
                              "instance_id",
                              "aud",
                              "role",
                              "invited_at",
                              "confirmation_token",
                              "confirmation_sent_at",
                              "recovery_token",
                              "recovery_sent_at",
                              "email_change",
                              "email_change_token_new",
                              "email_change_token_current",
                              "email_change_sent_at",
                              "email_change_confirm_status",
                              "phone_confirmed_at",
                              "phone_change",
                              "phone_change_token",
                              "phone_change_sent_at",
                              "reauthentication_token",
                              "reauthentication_sent_at"});
}

Result<bool> gather_supabase_user(const Json& element, ForeignUser& user, Time now) {
    UserRecord& record = user.record();
    record.email = text_at(element, "email").value_or("");
    if (text_at(element, "deleted_at")) {
        record.is_user = false;
        user.leave_behind("deleted_accounts");
        return true;
    }
    record.id = text_at(element, "id");
    gather_metadata(element, user);
    if (const auto phone = text_at(element, "phone"); phone && !phone->empty())
        record.phone = phone;
    record.verified_at = time_at(element, "email_confirmed_at");
    if (!record.verified_at)
        record.verified_at = time_at(element, "confirmed_at");
    record.verified = record.verified_at.has_value();
    gather_ban(element, user, now);
    leave_lists(element, user);
    if (const auto hash = text_at(element, "encrypted_password"); hash && !hash->empty())
        record.password_hash = hash;
    record.created_at = time_at(element, "created_at");
    record.updated_at = time_at(element, "updated_at");
    record.last_login_at = time_at(element, "last_sign_in_at");
    leave_columns(element, user);
    if (record.email.empty())
        return fail(error(ErrorCode::usage, "the user has no email: they log in by phone or as a "
                                            "guest")
                        .with_field("email"));
    return true;
}

} // namespace

Result<std::unique_ptr<UserReader>> open_supabase(ByteSource source, std::string domain, Time now) {
    return read_elements_or_table(std::move(source), "users", {}, std::move(domain),
                                  [now](const Json& element, ForeignUser& user) {
                                      return gather_supabase_user(element, user, now);
                                  });
}

} // namespace auth
