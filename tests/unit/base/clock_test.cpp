#include "core/base/clock.h"
#include "support/catch.h"
#include "support/fakes.h"

#include <utility>

using namespace auth;
using namespace std::chrono_literals;

namespace {

Time at(std::int64_t seconds) {
    return from_unix_seconds(seconds);
}

} // namespace

// Epochs by GNU date: date -u -d 2026-01-31T09:05:00Z +%s
TEST_CASE("RFC 3339 times are written and read") {
    const std::pair<std::int64_t, const char*> times[] = {
        {0, "1970-01-01T00:00:00Z"},
        {1769850300, "2026-01-31T09:05:00Z"},
        {951782400, "2000-02-29T00:00:00Z"},
        {253402300799, "9999-12-31T23:59:59Z"},
        {-62135596800, "0001-01-01T00:00:00Z"},
    };
    for (const auto& [seconds, text] : times) {
        CHECK(to_rfc3339(at(seconds)) == text);
        REQUIRE(parse_rfc3339(text));
        CHECK(unix_seconds(*parse_rfc3339(text)) == seconds);
    }
}

TEST_CASE("RFC 3339 offsets are applied and fractions dropped") {
    for (const char* text :
         {"2026-01-31T10:05:00+01:00", "2026-01-31T03:35:00-05:30", "2026-01-31t09:05:00z",
          "2026-01-31 09:05:00Z", "2026-01-31T09:05:00.999Z", "2026-01-31T09:05:00-00:00"}) {
        REQUIRE(parse_rfc3339(text));
        CHECK(*parse_rfc3339(text) == at(1769850300));
    }
}

TEST_CASE("what is not RFC 3339 is refused") {
    for (const char* text :
         {"", "2026", "2026-01-31", "2026-01-31T09:05Z", "2026-01-31T09:05:00",
          "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
          "0000-01-01T00:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T09:60:00Z",
          "2026-01-31T09:05:60Z", "2026-01-31T09:05:00.Z", "2026-01-31T09:05:00Z ",
          "2026-1-31T09:05:00Z", "+026-01-31T09:05:00Z", "2026-01-31T09:05:00+1:00",
          "2026-01-31T09:05:00+24:00", "2026-01-31T09:05:00+01"}) {
        CAPTURE(text);
        REQUIRE_FALSE(parse_rfc3339(text));
        CHECK(parse_rfc3339(text).error().code == ErrorCode::usage);
    }
}

TEST_CASE("durations are read and written") {
    const std::pair<const char*, Seconds> durations[] = {
        {"0s", 0s},      {"90s", 90s},    {"10m", 600s},
        {"12h", 43200s}, {"7d", 604800s}, {"36525d", 3155760000s},
    };
    for (const auto& [text, span] : durations) {
        REQUIRE(parse_duration(text));
        CHECK(*parse_duration(text) == span);
        CHECK(to_text(span) == text);
    }
    CHECK(to_text(120s) == "2m");
    CHECK(to_text(86400s) == "1d");
    CHECK(to_text(90000s) == "25h");
    CHECK(to_text(3661s) == "3661s");
}

TEST_CASE("what is not a duration is refused, with the way to write one") {
    for (const char* text : {"", "s", "10", "10 m", "-5m", "+5m", "1.5h", "10M", "1w", "36526d",
                             "876601h", "99999999999999999999s", "10mm", "0x10s"}) {
        CAPTURE(text);
        const auto parsed = parse_duration(text);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().code == ErrorCode::usage);
        CHECK(parsed.error().hint == "write a number and a unit, like 90s, 10m, 12h or 7d");
    }
    CHECK(parse_duration("soon").error().message ==
          "'soon' is not a duration of at most 100 years");
}

TEST_CASE("times are told relative to now") {
    const Time now = at(1769850300);
    CHECK(relative(now, now) == "now");
    CHECK(relative(now + 1s, now) == "in 1 second");
    CHECK(relative(now - 59s, now) == "59 seconds ago");
    CHECK(relative(now + 599s, now) == "in 9 minutes");
    CHECK(relative(now - 60s, now) == "1 minute ago");
    CHECK(relative(now - 3h, now) == "3 hours ago");
    CHECK(relative(now + std::chrono::days{30}, now) == "in 30 days");
    CHECK(relative(now - std::chrono::days{800}, now) == "2 years ago");
}

TEST_CASE("a time can be named in several ways") {
    const Time now = at(1769850300);
    CHECK(*parse_time("now", now) == now);
    CHECK(*parse_time("-30d", now) == now - std::chrono::days{30});
    CHECK(*parse_time("+10m", now) == now + 10min);
    CHECK(*parse_time("@0", now) == at(0));
    CHECK(*parse_time("@1769850300", now) == now);
    CHECK(*parse_time("2026-01-31", now) == at(1769817600));
    CHECK(*parse_time("2026-01-31T09:05:00Z", now) == now);
    for (const char* text : {"", "30d", "--30d", "@", "@-1", "@1.5", "@253402300800", "today",
                             "2026-02-30", "2026-01-31T"}) {
        CAPTURE(text);
        REQUIRE_FALSE(parse_time(text, now));
        CHECK(parse_time(text, now).error().code == ErrorCode::usage);
    }
}

TEST_CASE("the fixed clock moves when it sleeps") {
    test::FixedClock clock;
    CHECK(to_rfc3339(clock.now()) == "2026-01-31T09:05:00Z");
    clock.sleep(1500ms);
    clock.advance(60s);
    CHECK(to_rfc3339(clock.now()) == "2026-01-31T09:06:02Z");
}
