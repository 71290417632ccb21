#include "core/base/text.h"
#include "core/foreign/ldif_entry.h"
#include "core/foreign/shut_out.h"
#include "core/formats/record_fields.h"

#include <fmt/format.h>

#include <algorithm>

namespace auth {
namespace {

struct Mark;
struct Reading {
    const Mark& mark;
    std::string_view value;
    ForeignUser& user;
    Time now;
};
struct Mark {
    std::string_view name; // as its directory spells it
    Status (*read)(const Reading& reading);
};

Result<std::int64_t> number(const Reading& of) {
    const auto value = parse_integer(std::string(of.value));
    return value ? Result<std::int64_t>(*value) : fail(unfit_field(of.mark.name, "a number"));
}

Result<bool> truth(const Reading& of) {
    const auto value = parse_truth(of.value);
    return value ? Result<bool>(*value) : fail(unfit_field(of.mark.name, "TRUE or FALSE"));
}

Result<Time> time_of(const Reading& of) {
    const auto value = generalized_time(of.value);
    return value ? Result<Time>(*value)
                 : fail(unfit_field(of.mark.name, "a time such as 20260131090500Z"));
}

void demand_new_password(ForeignUser& user) {
    user.record().must_change_password = true;
}

Status truth_disables(const Reading& of) {
    AUTH_TRY(const bool on, truth(of));
    if (on)
        of.user.shut_out("");
    return {};
}

Status truth_locks(const Reading& of) {
    AUTH_TRY(const bool on, truth(of));
    if (on)
        of.user.shut_out("locked");
    return {};
}

Status truth_demands_change(const Reading& of) {
    AUTH_TRY(const bool on, truth(of));
    if (on)
        demand_new_password(of.user);
    return {};
}

Status presence_locks(const Reading& of) {
    of.user.shut_out("locked");
    return {};
}

// A time since when; 0 for an account that is not locked.
Status number_locks(const Reading& of) {
    AUTH_TRY(const std::int64_t since, number(of));
    if (since != 0)
        of.user.shut_out("locked");
    return {};
}

Status zero_demands_change(const Reading& of) {
    AUTH_TRY(const std::int64_t since, number(of));
    if (since == 0)
        demand_new_password(of.user);
    return {};
}

Status time_ends_account(const Reading& of) {
    AUTH_TRY(const Time end, time_of(of));
    end_account(of.user, of.mark.name, end, of.now);
    return {};
}

Status time_ends_password(const Reading& of) {
    AUTH_TRY(const Time end, time_of(of));
    if (end <= of.now)
        demand_new_password(of.user);
    else
        of.user.leave_behind(of.mark.name);
    return {};
}

Status unix_time_ends_account(const Reading& of) {
    constexpr std::int64_t year_10000 = 253'402'300'800;
    AUTH_TRY(const std::int64_t end, number(of));
    if (end > 0 && end < year_10000)
        end_account(of.user, of.mark.name, from_unix_seconds(end), of.now);
    return {};
}

// Steps of 100 ns from 1601; 0 and the greatest number are never (MS-ADA1 2.3).
Status windows_time_ends_account(const Reading& of) {
    constexpr std::int64_t steps_a_second = 10'000'000;
    constexpr std::int64_t seconds_to_1970 = 11'644'473'600;
    AUTH_TRY(const std::int64_t end, number(of));
    if (end != 0 && end != INT64_MAX)
        end_account(of.user, of.mark.name,
                    from_unix_seconds(end / steps_a_second - seconds_to_1970), of.now);
    return {};
}

// MS-ADTS 2.2.16.
Status account_control(const Reading& of) {
    constexpr std::uint64_t disabled = 0x2;
    constexpr std::uint64_t locked_out = 0x10;
    constexpr std::uint64_t smart_card = 0x40000;
    constexpr std::uint64_t password_expired = 0x800000;
    AUTH_TRY(const std::int64_t value, number(of));
    const auto bits = static_cast<std::uint64_t>(value);
    if ((bits & disabled) != 0)
        of.user.shut_out("");
    if ((bits & locked_out) != 0)
        of.user.shut_out("locked");
    if ((bits & password_expired) != 0)
        demand_new_password(of.user);
    if ((bits & smart_card) != 0)
        of.user.leave_behind("smart_card_rules");
    return {};
}

// Samba's "[UDLX       ]": D is disabled, L locked.
Status samba_flags(const Reading& of) {
    if (!of.value.starts_with('[') || !of.value.ends_with(']'))
        return fail(unfit_field(of.mark.name, "letters in brackets"));
    if (of.value.find('D') != std::string_view::npos)
        of.user.shut_out("");
    if (of.value.find('L') != std::string_view::npos)
        of.user.shut_out("locked");
    return {};
}

// Sun's and Oracle's word: active, inactive or deleted.
Status status_word(const Reading& of) {
    if (lower_ascii(of.value) != "active")
        of.user.shut_out(lower_ascii(of.value));
    return {};
}

constexpr Mark marks[] = {
    {"userAccountControl", account_control},
    {"accountExpires", windows_time_ends_account},
    {"pwdLastSet", zero_demands_change},
    {"lockoutTime", number_locks},
    {"msDS-UserAccountDisabled", truth_disables},
    {"nsAccountLock", truth_disables},
    {"loginDisabled", truth_disables},
    {"lockedByIntruder", truth_locks},
    {"loginExpirationTime", time_ends_account},
    {"pwdAccountLockedTime", presence_locks},
    {"pwdEndTime", time_ends_account},
    {"pwdReset", truth_demands_change},
    {"passwordExpirationTime", time_ends_password},
    {"krbPrincipalExpiration", time_ends_account},
    {"krbPasswordExpiration", time_ends_password},
    {"ds-pwp-account-disabled", truth_disables},
    {"ds-pwp-account-expiration-time", time_ends_account},
    {"ibm-pwdAccountLocked", truth_locks},
    {"inetUserStatus", status_word},
    {"sambaAcctFlags", samba_flags},
    {"sambaPwdLastSet", zero_demands_change},
    {"sambaKickoffTime", unix_time_ends_account},
};
constexpr std::string_view shadow_marks[] = {"shadowLastChange", "shadowMax", "shadowInactive",
                                             "shadowExpire"};

Status shadow(const LdifEntry& entry, ForeignUser& user, Time now) {
    const auto days = [&](std::string_view name) {
        return shadow_number(name, entry.first(lower_ascii(name)));
    };
    ShadowDays found;
    AUTH_TRY(found.changed, days("shadowLastChange"));
    AUTH_TRY(found.most, days("shadowMax"));
    AUTH_TRY(found.inactive, days("shadowInactive"));
    AUTH_TRY(found.expires, days("shadowExpire"));
    apply_shadow_days(user, found, now);
    return {};
}

} // namespace

bool is_mark(std::string_view attribute) {
    return std::ranges::any_of(
               marks, [&](const Mark& mark) { return lower_ascii(mark.name) == attribute; }) ||
           std::ranges::any_of(
               shadow_marks, [&](std::string_view mark) { return lower_ascii(mark) == attribute; });
}

Status apply_marks(const LdifEntry& entry, ForeignUser& user, Time now) {
    for (const Mark& mark : marks)
        if (const auto found = entry.values.find(lower_ascii(mark.name));
            found != entry.values.end())
            for (const std::string& value : found->second)
                AUTH_CHECK(mark.read({mark, value, user, now}));
    return shadow(entry, user, now);
}

std::optional<Time> generalized_time(std::string_view text) {
    constexpr std::size_t to_seconds = 14;
    if (text.size() <= to_seconds || !text.ends_with('Z'))
        return std::nullopt;
    const auto time = parse_rfc3339(fmt::format(
        "{}-{}-{}T{}:{}:{}{}", text.substr(0, 4), text.substr(4, 2), text.substr(6, 2),
        text.substr(8, 2), text.substr(10, 2), text.substr(12, 2), text.substr(to_seconds)));
    return time ? std::optional(*time) : std::nullopt;
}

} // namespace auth
