#include "core/base/clock.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>

namespace auth {
namespace {

constexpr Seconds longest_duration = std::chrono::days{36525};
constexpr std::int64_t last_second = 253'402'300'799; // 9999-12-31T23:59:59Z

struct Unit {
    char letter;
    std::int64_t seconds;
    std::string_view name;
};
constexpr std::array units{Unit{'d', 86400, "day"}, Unit{'h', 3600, "hour"},
                           Unit{'m', 60, "minute"}, Unit{'s', 1, "second"}};

std::optional<std::int64_t> all_digits(std::string_view text) {
    return text.starts_with('-') ? std::nullopt : parse_integer(text);
}

// Reads fixed-width fields off the front of a text.
class FieldReader {
  public:
    explicit FieldReader(std::string_view text) : rest_(text) {}

    int number(std::size_t digits, int low, int high) {
        const auto value =
            rest_.size() < digits ? std::nullopt : all_digits(rest_.substr(0, digits));
        if (!value || *value < low || *value > high) {
            good_ = false;
            return low;
        }
        rest_.remove_prefix(digits);
        return static_cast<int>(*value);
    }
    // The next character, if it is one of these; 0 and a failed reader if not.
    char one_of(std::string_view accepted) {
        if (rest_.empty() || accepted.find(rest_.front()) == std::string_view::npos) {
            good_ = false;
            return '\0';
        }
        const char taken = rest_.front();
        rest_.remove_prefix(1);
        return taken;
    }
    void skip_fraction() {
        if (!rest_.starts_with('.'))
            return;
        const std::size_t end = rest_.find_first_not_of("0123456789", 1);
        good_ = good_ && end != 1 && rest_.size() > 1;
        rest_.remove_prefix(std::min(end, rest_.size()));
    }
    [[nodiscard]] bool done() const { return good_ && rest_.empty(); }
    [[nodiscard]] bool good() const { return good_; }

  private:
    std::string_view rest_;
    bool good_ = true;
};

std::optional<Time> read_date(FieldReader& in) {
    const std::chrono::year year{in.number(4, 1, 9999)};
    in.one_of("-");
    const std::chrono::month month{static_cast<unsigned>(in.number(2, 1, 12))};
    in.one_of("-");
    const std::chrono::day day{static_cast<unsigned>(in.number(2, 1, 31))};
    const std::chrono::year_month_day date{year, month, day};
    if (!in.good() || !date.ok())
        return std::nullopt;
    return Time{std::chrono::sys_days{date}};
}

Seconds read_offset(FieldReader& in) {
    const char sign = in.one_of("Zz+-");
    if (sign == 'Z' || sign == 'z' || !in.good())
        return Seconds{0};
    const std::chrono::hours hours{in.number(2, 0, 23)};
    in.one_of(":");
    const Seconds offset = hours + std::chrono::minutes{in.number(2, 0, 59)};
    return sign == '-' ? -offset : offset;
}

std::optional<Time> read_rfc3339(std::string_view text) {
    FieldReader in(text);
    const auto date = read_date(in);
    if (!date)
        return std::nullopt;
    in.one_of("Tt ");
    Time time = *date + std::chrono::hours{in.number(2, 0, 23)};
    in.one_of(":");
    time += std::chrono::minutes{in.number(2, 0, 59)};
    in.one_of(":");
    time += Seconds{in.number(2, 0, 59)};
    in.skip_fraction();
    time -= read_offset(in);
    if (!in.done())
        return std::nullopt;
    return time;
}

std::optional<Seconds> read_duration(std::string_view text) {
    if (text.empty())
        return std::nullopt;
    const auto count = all_digits(text.substr(0, text.size() - 1));
    for (const Unit& unit : units)
        if (count && text.back() == unit.letter &&
            *count <= longest_duration.count() / unit.seconds)
            return Seconds{*count * unit.seconds};
    return std::nullopt;
}

std::optional<Time> read_time(std::string_view text, Time now) {
    if (text == "now")
        return now;
    if (text.starts_with('@')) {
        const auto seconds = all_digits(text.substr(1));
        return seconds && *seconds <= last_second ? std::optional(from_unix_seconds(*seconds))
                                                  : std::nullopt;
    }
    if (text.starts_with('-') || text.starts_with('+')) {
        const auto span = read_duration(text.substr(1));
        if (!span)
            return std::nullopt;
        return text.front() == '-' ? now - *span : now + *span;
    }
    FieldReader in(text);
    const auto date = read_date(in);
    return date && in.done() ? date : read_rfc3339(text);
}

// Unix seconds or milliseconds, by how many digits they have: from 1973 on.
std::optional<Time> from_digits(std::int64_t number, std::size_t digits) {
    constexpr std::size_t least_of_seconds = 9;
    constexpr std::size_t least_of_milliseconds = 13;
    if (digits >= least_of_milliseconds)
        number /= 1000;
    return digits >= least_of_seconds && number <= last_second
               ? std::optional(from_unix_seconds(number))
               : std::nullopt;
}

// "+02", "+0230", "", "UTC" and "GMT" as RFC 3339 writes zones.
std::string as_zone(std::string_view zone) {
    if (zone.empty() || zone == "UTC" || zone == "GMT")
        return "Z";
    constexpr std::size_t hours = 3;
    if (zone.size() == hours)
        return fmt::format("{}:00", zone);
    return zone.size() == hours + 2
               ? fmt::format("{}:{}", zone.substr(0, hours), zone.substr(hours))
               : std::string(zone);
}

// The same time with what RFC 3339 demands and others leave out: seconds, the zone or its minutes.
std::string as_rfc3339(std::string_view text) {
    constexpr std::size_t date_size = 10;
    constexpr std::size_t minutes_size = 5;
    if (text.size() <= date_size + minutes_size)
        return {};
    std::string date(text.substr(0, date_size));
    std::ranges::replace(date, '/', '-');
    std::string_view rest = text.substr(date_size + 1);
    const std::size_t end = std::min(rest.find_first_not_of("0123456789:."), rest.size());
    const std::string_view clock = rest.substr(0, end);
    rest.remove_prefix(end);
    while (rest.starts_with(' '))
        rest.remove_prefix(1);
    if (rest.size() > 3 && rest.ends_with(" UTC")) // behind an offset, as Go writes it
        rest.remove_suffix(4);
    return fmt::format("{}{}{}{}{}", date, text[date_size], clock,
                       clock.size() == minutes_size ? ":00" : "", as_zone(rest));
}

tl::unexpected<Error> unreadable(std::string_view text, std::string_view what, Hint hint) {
    return fail(ErrorCode::usage, fmt::format("{} is not {}", in_quotes(text), what),
                std::move(hint));
}

} // namespace

std::string to_rfc3339(Time time) {
    const auto midnight = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{midnight};
    const std::chrono::hh_mm_ss clock{time - midnight};
    std::string text = fmt::format_int(static_cast<int>(date.year())).str();
    // A format would be read anew each time, which takes most of an export's work.
    text.insert(text.starts_with('-') ? 1 : 0, 4 - std::min<std::size_t>(text.size(), 4), '0');
    const auto append = [&](char before, auto number) {
        text += before;
        text += static_cast<char>('0' + number / 10);
        text += static_cast<char>('0' + number % 10);
    };
    append('-', static_cast<unsigned>(date.month()));
    append('-', static_cast<unsigned>(date.day()));
    append('T', clock.hours().count());
    append(':', clock.minutes().count());
    append(':', clock.seconds().count());
    return text += 'Z';
}

Result<Time> parse_rfc3339(std::string_view text) {
    if (const auto time = read_rfc3339(text))
        return *time;
    return unreadable(text, "an RFC 3339 time", "write it like 2026-01-31T09:05:00Z");
}

std::optional<Time> parse_common_time(std::string_view text) {
    if (const auto number = all_digits(text))
        return from_digits(*number, text.size());
    if (FieldReader in(text); const auto date = read_date(in))
        if (in.done())
            return date;
    return read_rfc3339(as_rfc3339(text));
}

Result<Seconds> parse_duration(std::string_view text) {
    if (const auto span = read_duration(text))
        return *span;
    return unreadable(text, "a duration of at most 100 years",
                      "write a number and a unit, like 90s, 10m, 12h or 7d");
}

std::string to_text(Seconds span) {
    for (const Unit& unit : units)
        if (span.count() != 0 && span.count() % unit.seconds == 0)
            return fmt::format("{}{}", span.count() / unit.seconds, unit.letter);
    return "0s";
}

std::string in_words(Seconds span) {
    const std::string text = to_text(span);
    const auto unit = std::find_if(units.begin(), units.end(),
                                   [&](const Unit& each) { return each.letter == text.back(); });
    const std::string_view count(text.data(), text.size() - 1);
    return fmt::format("{} {}{}", count, unit->name, count == "1" ? "" : "s");
}

std::string relative(Time time, Time now) {
    constexpr Unit year{'y', 31'557'600, "year"};
    const std::int64_t away = std::abs((time - now).count());
    const auto phrase = [&](const Unit& unit) {
        const std::string span = counted(away / unit.seconds, unit.name);
        return time > now ? "in " + span : span + " ago";
    };
    if (away >= 2 * year.seconds)
        return phrase(year);
    for (const Unit& unit : units)
        if (away >= unit.seconds)
            return phrase(unit);
    return "now";
}

Result<Time> parse_time(std::string_view text, Time now) {
    if (const auto time = read_time(text, now))
        return *time;
    return unreadable(text, "a time",
                      "write it like 2026-01-31T09:05:00Z, 2026-01-31, @1769850300, -30d or now");
}

} // namespace auth
