#include "core/formats/record_fields.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace auth {
namespace {

constexpr RecordField of_profile(const ProfileField& field) {
    std::optional<std::string> UserRecord::*place = field.place;
    return {field.name, place};
}

constexpr auto fields =
    joined(std::to_array<RecordField>({{"id", &UserRecord::id}, {"email", &UserRecord::email}}),
           each_of(profile_fields, of_profile),
           std::to_array<RecordField>({
               {"roles", &UserRecord::roles},
               {"attributes", ObjectText{&UserRecord::attributes}},
               {"verified", &UserRecord::verified},
               {"verified_at", &UserRecord::verified_at, Written::where_set},
               {"disabled", &UserRecord::disabled},
               {"disabled_at", &UserRecord::disabled_at, Written::where_set},
               {"disabled_reason", &UserRecord::disabled_reason},
               {"must_change_password", &UserRecord::must_change_password},
               {"created_at", &UserRecord::created_at},
               {"updated_at", &UserRecord::updated_at},
               {"last_login_at", &UserRecord::last_login_at},
               {"password", &UserRecord::password, Written::with_secrets},
               {"password_hash", &UserRecord::password_hash, Written::with_secrets},
               {"password_set_by", &UserRecord::password_set_by, Written::with_secrets},
               {"password_changed_at", &UserRecord::password_changed_at, Written::with_secrets},
               {"totp", &UserRecord::totp, Written::with_secrets},
               {"identities", &UserRecord::identities, Written::with_secrets},
           }));

constexpr std::array<std::string_view, 6> only_told{
    "schema", "mfa", "locked_until", "changed", "generated_password", "next"};

} // namespace

std::span<const RecordField> record_fields() {
    return fields;
}

std::size_t find_field(std::string_view name, std::size_t from) {
    for (std::size_t i = from; i < fields.size(); ++i)
        if (fields[i].name == name)
            return i;
    for (std::size_t i = 0; i < std::min(from, fields.size()); ++i)
        if (fields[i].name == name)
            return i;
    return std::string_view::npos;
}

bool is_read_only_field(std::string_view name) {
    return std::find(only_told.begin(), only_told.end(), name) != only_told.end();
}

Error unknown_field(std::string_view what, std::string_view name, std::string otherwise) {
    std::vector<std::string> names;
    for (const RecordField& field : fields)
        names.emplace_back(field.name);
    const std::string meant = nearest(name, names);
    if (otherwise.empty())
        otherwise = fmt::format("known: {}", fmt::join(names, ", "));
    return error(ErrorCode::usage, fmt::format("there is no {} {}", what, in_quotes(name)))
        .with_hint(meant.empty() ? std::move(otherwise) : fmt::format("did you mean {}?", meant))
        .with_field(printable(name.substr(0, 80)));
}

Error unfit_field(std::string_view name, std::string_view wanted) {
    return error(ErrorCode::usage, fmt::format("the {} must be {}", name, wanted))
        .with_field(std::string(name));
}

Error not_utf8(std::string_view what) {
    return error(ErrorCode::usage,
                 fmt::format(
                     "{} is not valid UTF-8, and looks like Windows-1252 (cp1252, \"ANSI\")", what))
        .with_hint("convert the file: iconv -f windows-1252 -t utf-8");
}

Status check_record(const UserRecord& record) {
    if (record.email.empty())
        return fail(error(ErrorCode::usage, "the user has no email").with_field("email"));
    if (record.password && record.password_hash)
        return fail(error(ErrorCode::usage, "give a password or a password_hash, not both")
                        .with_field("password"));
    return {};
}

void mark_failed(UserRecord& record, Error error) {
    UserRecord failed;
    failed.line = record.line;
    failed.email = std::move(record.email);
    failed.error = std::move(error);
    record = std::move(failed);
}

} // namespace auth
