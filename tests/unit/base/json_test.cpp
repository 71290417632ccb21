#include "core/base/json.h"
#include "support/catch.h"

#include <nlohmann/json.hpp>

#include <string>

using namespace auth;

namespace {

std::string reason_of(std::string_view text, int max_depth = 16) {
    const auto parsed = parse_json(text, max_depth);
    if (parsed)
        return "accepted";
    CHECK(parsed.error().code == ErrorCode::usage);
    CHECK_FALSE(parsed.error().message.empty());
    return parsed.error().reason;
}

std::string repeated(std::string_view piece, int count) {
    std::string out;
    for (int i = 0; i < count; ++i)
        out += piece;
    return out;
}

} // namespace

TEST_CASE("JSON documents keep their order and their types", "[json]") {
    const auto parsed =
        parse_json(R"( {"z":1,"a":[true,false,null,-2,1.5,"\u00e9"],"m":{"z":{},"a":[]},"":""} )");
    REQUIRE(parsed);
    CHECK(parsed->dump() ==
          "{\"z\":1,\"a\":[true,false,null,-2,1.5,\"é\"],\"m\":{\"z\":{},\"a\":[]},\"\":\"\"}");
    CHECK(parsed->at("a").at(3).is_number_integer());
    CHECK(parsed->at("a").at(4).is_number_float());
}

TEST_CASE("JSON texts need not be objects", "[json]") {
    for (const char* text : {"null", "true", "0", "-1", "1e3", "\"\"", "[]", "{}"})
        CHECK(reason_of(text) == "accepted");
}

TEST_CASE("duplicate member names are refused", "[json]") {
    CHECK(reason_of(R"({"a":1,"a":1})") == "duplicate_member");
    CHECK(reason_of(R"({"a":1,"b":2,"a":3})") == "duplicate_member");
    CHECK(reason_of(R"({"alg":"ES256","\u0061lg":"none"})") == "duplicate_member");
    CHECK(reason_of(R"([{"x":{"a":1,"a":2}}])") == "duplicate_member");
    CHECK(reason_of(R"({"":1,"":2})") == "duplicate_member");

    CHECK(reason_of(R"({"a":{"a":{"a":1}}})") == "accepted");
    CHECK(reason_of(R"([{"a":1},{"a":1}])") == "accepted");
    CHECK(reason_of(R"({"a":{"b":1},"b":1})") == "accepted");
    CHECK(reason_of(R"({"a":1,"A":1})") == "accepted");
}

TEST_CASE("a duplicate member is named, and named safely", "[json]") {
    const auto parsed = parse_json("{\"\\u001b[2J\":1,\"\\u001b[2J\":2}");
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().message.find('\x1b') == std::string::npos);
}

TEST_CASE("nesting is limited", "[json]") {
    CHECK(reason_of(repeated("[", 16) + repeated("]", 16)) == "accepted");
    CHECK(reason_of(repeated("[", 17) + repeated("]", 17)) == "too_deep");
    CHECK(reason_of(repeated("{\"a\":", 16) + "1" + repeated("}", 16)) == "accepted");
    CHECK(reason_of(repeated("{\"a\":", 17) + "1" + repeated("}", 17)) == "too_deep");
    CHECK(reason_of("[[]]", 1) == "too_deep");
    CHECK(reason_of("[[],[],[]]", 2) == "accepted");
    CHECK(reason_of(repeated("[", 1'000'000)) == "too_deep");
}

TEST_CASE("malformed JSON is refused", "[json]") {
    for (const char* text :
         {"",          " ",         "{",       "}",        "[1,]",     "{\"a\":1,}",
          "{\"a\"}",   "{a:1}",     "{'a':1}", "tru",      "TRUE",     "01",
          "+1",        ".5",        "1.",      "0x10",     "NaN",      "Infinity",
          "-Infinity", "\"\\x41\"", "\"a",     "\"a\tb\"", "\"a\nb\"", "// c\n1",
          "/* c */ 1", "1 2",       "{} {}",   "{}x",      "[1;2]"}) {
        CAPTURE(text);
        CHECK(reason_of(text) == "malformed");
    }
}

TEST_CASE("numbers that no double holds are refused", "[json]") {
    CHECK(reason_of("1e400") == "malformed");
    CHECK(reason_of("-1e400") == "malformed");
    const auto large = parse_json("123456789012345678901234567890");
    REQUIRE(large);
    CHECK(large->is_number_float());
}

TEST_CASE("only valid UTF-8 is read", "[json]") {
    CHECK(reason_of("\"\xc3\xa9\"") == "accepted");
    CHECK(reason_of("\"\xf0\x9f\x94\x91\"") == "accepted");
    for (const char* text :
         {"\"\xc3\"", "\"\xff\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "\"\xf5\x80\x80\x80\"",
          "\"\xe9\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "{\"\xff\":1}"}) {
        CAPTURE(text);
        CHECK(reason_of(text) == "malformed");
    }
}

TEST_CASE("byte order marks and NUL bytes are refused", "[json]") {
    CHECK(reason_of("\xef\xbb\xbf{}") == "malformed");
    CHECK(reason_of("\xff\xfe{}") == "malformed");
    CHECK(reason_of(std::string_view("{}\0", 3)) == "malformed");
    CHECK(reason_of(std::string_view("{}\0garbage", 10)) == "malformed");
    CHECK(reason_of(std::string_view("\"a\0b\"", 5)) == "malformed");
    CHECK(reason_of("\"a\\u0000b\"") == "accepted");
}

TEST_CASE("an object of many members takes time in proportion", "[json]") {
    std::string text = "{";
    for (int i = 0; i < 50'000; ++i)
        text += "\"member" + std::to_string(i) + "\":" + std::to_string(i) + ",";
    const auto parsed = parse_json(text + "\"last\":1}");
    REQUIRE(parsed);
    CHECK(parsed->size() == 50'001);
    CHECK(reason_of(text + "\"member0\":1}") == "duplicate_member");
}

TEST_CASE("a text is asked for by name, and nothing else is one") {
    const Json object{{"a", "text"}, {"b", 7}, {"c", nullptr}, {"d", {"x"}}};
    CHECK(text_member(object, "a") == "text");
    for (const char* name : {"b", "c", "d", "e", ""})
        CHECK(text_member(object, name).empty());
    CHECK(text_member(Json::array(), "a").empty());
    CHECK(text_member(Json("text"), "a").empty());
    CHECK(text_member(Json(), "a").empty());
}
