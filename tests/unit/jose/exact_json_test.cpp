#include "core/jose/exact_json.h"
#include "support/catch.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <string>
#include <vector>

using namespace auth;

namespace {

std::string written(std::string_view text, int indent = -1) {
    const auto parsed = parse_exact_json(text);
    REQUIRE(parsed);
    return write_json(*parsed, indent);
}

const std::vector<std::string> long_numbers{"123456789012345678901234567890",
                                            "-9223372036854775809",
                                            "18446744073709551616",
                                            "0.10000000000000000555",
                                            "12.50",
                                            "1.0E+2",
                                            "1e400",
                                            "-1E400",
                                            "1e-400",
                                            "-0",
                                            "0e0"};

} // namespace

TEST_CASE("every number comes out as it was written") {
    std::vector<std::string> numbers = long_numbers;
    for (const char* plain : {"0", "-1", "9007199254740993", "9223372036854775807",
                              "18446744073709551615", "-9223372036854775808", "1.5", "0.1"})
        numbers.emplace_back(plain);
    for (const std::string& number : numbers) {
        CAPTURE(number);
        CHECK(written(number) == number);
        CHECK(written("{\"a\":[" + number + ",{\"b\":" + number + "}]}") ==
              "{\"a\":[" + number + ",{\"b\":" + number + "}]}");
    }
}

TEST_CASE("only numbers that nothing else holds are kept as text") {
    for (const std::string& number : long_numbers) {
        const auto parsed = parse_exact_json(number);
        REQUIRE(parsed);
        CHECK(kept_number(*parsed) == std::string_view(number));
    }
    for (const char* text : {"9007199254740993", "1.5", "\"12.50\"", "true", "null", "[12.50]"})
        CHECK_FALSE(kept_number(*parse_exact_json(text)));
}

TEST_CASE("digits in strings and names are no numbers") {
    const std::string text = R"({"1.50":"-0 12.50","a\"1.0":"\\","b":12.50,"":[1.0,"1.0"]})";
    CHECK(written(text) == text);
}

TEST_CASE("the layout is that of all other JSON") {
    for (const int indent : {-1, 0, 2})
        for (const char* text : {R"({"a":{},"b":[],"c":[1,{"d":"\u00e9\n"}],"e":{"f":null}})", "[]",
                                 "{}", "[[[7]]]"}) {
            CAPTURE(text);
            const auto parsed = parse_exact_json(text);
            REQUIRE(parsed);
            const auto with = [&](const Json& last) {
                return Json{{"x", *parsed}, {"last", last}};
            };
            std::string expected = with(7).dump(indent);
            expected.replace(expected.rfind('7'), 1, "1.0");
            CHECK(write_json(with(*parse_exact_json("1.0")), indent) == expected);
        }
    CHECK(write_json(*parse_exact_json(R"(["é",1.0])"), -1, true) == R"(["\u00e9",1.0])");
    CHECK(write_json(Json("\xff")) == "\"\xef\xbf\xbd\"");
}

TEST_CASE("what is not JSON is refused as ever") {
    for (const char* text : {"01", "1.", ".5", "+1", "-", "1e", "1e+", "0x10", "1 2", "[1,]", "NaN",
                             "--1", "1-2", "1.2.3", "\"1", "{\"a\":1,\"a\":1}", "true1", "1true"}) {
        CAPTURE(text);
        const auto exact = parse_exact_json(text);
        const auto plain = parse_json(text);
        REQUIRE_FALSE(exact);
        REQUIRE_FALSE(plain);
        CHECK(exact.error().reason == plain.error().reason);
        CHECK(exact.error().message == plain.error().message);
    }
    CHECK(parse_exact_json("[[1.0]]", 1).error().reason == "too_deep");
}

TEST_CASE("a kept number is near what a double holds, or infinite") {
    CHECK(rounded(*parse_exact_json("12.50")) == Json(12.5));
    CHECK(rounded(*parse_exact_json(R"({"a":[1.0,"1.0"]})")) == Json{{"a", {1.0, "1.0"}}});
    CHECK(std::isinf(rounded(*parse_exact_json("1e400")).get<double>()));
    CHECK(rounded(*parse_exact_json("-1e400")).get<double>() < 0);
    CHECK(rounded(*parse_exact_json("1e-400")) == Json(0.0));
}
