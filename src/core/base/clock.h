// Time is handed in. All times are whole seconds of Unix time, UTC.
#pragma once

#include "core/base/result.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace auth {

using Time = std::chrono::sys_seconds;
using Seconds = std::chrono::seconds;

class Clock {
  public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Time now() const = 0;
    // Blocks for about `span`; only waiting commands call it.
    virtual void sleep(std::chrono::milliseconds span) const = 0;
};

[[nodiscard]] inline std::int64_t unix_seconds(Time time) {
    return time.time_since_epoch().count();
}
[[nodiscard]] inline Time from_unix_seconds(std::int64_t value) {
    return Time{Seconds{value}};
}

// RFC 3339, UTC, whole seconds: "2026-01-31T09:05:00Z". Reading takes any offset and drops
// fractions; years 1 to 9999. Fails with usage.
[[nodiscard]] std::string to_rfc3339(Time time);
[[nodiscard]] Result<Time> parse_rfc3339(std::string_view text);

// As databases, programs and spreadsheets write times: RFC 3339, the same with '/' in the date, or
// without seconds, without a zone (UTC) or with one like "+02", "+0230" and "UTC"; a date alone;
// Unix seconds of nine digits or more, and milliseconds of thirteen. Nothing for other text.
[[nodiscard]] std::optional<Time> parse_common_time(std::string_view text);

// "90s", "10m", "12h", "7d"; at most 100 years. Fails with usage.
[[nodiscard]] Result<Seconds> parse_duration(std::string_view text);
// The shortest exact spelling of parse_duration's: 600 s is "10m".
[[nodiscard]] std::string to_text(Seconds span);
// The same for people: "10 minutes".
[[nodiscard]] std::string in_words(Seconds span);
// For people: "in 9 minutes", "3 minutes ago", "now".
[[nodiscard]] std::string relative(Time time, Time now);

// RFC 3339, a date alone (its first second, UTC), "@EPOCH", "now", "-30d" or "+10m" from `now`.
// Fails with usage.
[[nodiscard]] Result<Time> parse_time(std::string_view text, Time now);

} // namespace auth
