#include "core/foreign/shut_out.h"

#include "core/base/text.h"
#include "core/formats/record_fields.h"

#include <fmt/format.h>

namespace auth {

void end_account(ForeignUser& user, std::string_view name, Time end, Time now) {
    if (end <= now)
        user.shut_out("expired");
    else
        user.leave_behind(name);
}

Result<std::optional<std::int64_t>> shadow_number(std::string_view name, std::string_view text) {
    if (text.empty())
        return std::optional<std::int64_t>();
    const auto number = parse_integer(std::string(text));
    if (!number)
        return fail(unfit_field(name, "a number of days"));
    return *number < 0 ? std::optional<std::int64_t>() : number;
}

void apply_shadow_days(ForeignUser& user, const ShadowDays& days, Time now) {
    // What useradd and chage write for never.
    constexpr std::int64_t never = 10'000;
    constexpr std::int64_t year_10000 = 2'932'897;
    const std::int64_t today = unix_seconds(now) / 86400;
    if (days.expires && *days.expires < year_10000)
        end_account(user, "expiry_dates", Time{std::chrono::days{*days.expires}}, now);
    if (days.changed == 0)
        user.record().must_change_password = true;
    if (!days.most || *days.most >= never || !days.changed || *days.changed == 0)
        return;
    const std::int64_t last_day = *days.changed + *days.most;
    if (today <= last_day)
        user.leave_behind("password_lifetimes");
    else if (days.inactive && today > last_day + *days.inactive)
        user.shut_out("expired");
    else
        user.record().must_change_password = true;
}

} // namespace auth
