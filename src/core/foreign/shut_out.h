// How long an account and its password last, in the terms of shadow(5).
#pragma once

#include "core/foreign/foreign_user.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace auth {

// Days since 1970, or numbers of days.
struct ShadowDays {
    std::optional<std::int64_t> changed{};  // 0: a new password is due
    std::optional<std::int64_t> most{};     // how old a password may become
    std::optional<std::int64_t> inactive{}; // how much longer it may still be changed
    std::optional<std::int64_t> expires{};  // the first day on which nobody gets in
};
void apply_shadow_days(ForeignUser& user, const ShadowDays& days, Time now);

// Nothing for an empty text and for a negative number, which means none. Fails with usage.
[[nodiscard]] Result<std::optional<std::int64_t>> shadow_number(std::string_view name,
                                                                std::string_view text);

// The account ends then: shut out from that time on; a time to come is left behind by the name.
void end_account(ForeignUser& user, std::string_view name, Time end, Time now);

} // namespace auth
