#include "core/jose/numeric_date.h"
#include "support/catch.h"

#include <nlohmann/json.hpp>

#include <limits>

using namespace auth;

TEST_CASE("a NumericDate is any JSON number, and falls into a second") {
    struct Row {
        const char* text;
        std::int64_t second;
    };
    for (const auto& [text, second] :
         {Row{"2061000000", 2061000000}, Row{"2061000000.5", 2061000000},
          Row{"2061000000.999999", 2061000000}, Row{"2.061e9", 2061000000},
          Row{"2061E+6", 2061000000}, Row{"20610000000e-1", 2061000000}, Row{"0", 0},
          Row{"-0.5", -1}, Row{"-1", -1}, Row{"253402300800", 253402300800},
          Row{"1e18", 1'000'000'000'000'000'000}}) {
        CAPTURE(text);
        const auto value = parse_json(text);
        REQUIRE(value);
        REQUIRE(second_of(*value));
        CHECK(unix_seconds(*second_of(*value)) == second);
        CHECK(numeric_date(*value) == value->get<double>());
    }
}

TEST_CASE("nothing else is one, and some are beyond all time") {
    for (const Json& value : {Json("2061000000"), Json(), Json(true), Json::array({1}),
                              Json(std::numeric_limits<double>::infinity())}) {
        CHECK_FALSE(numeric_date(value));
        CHECK_FALSE(second_of(value));
    }
    for (const Json& value : {Json(1e300), Json(-1e300), Json(std::uint64_t{1} << 63U)}) {
        CHECK(numeric_date(value));
        CHECK_FALSE(second_of(value));
    }
}
