#include "core/base/encoding.h"
#include "support/catch.h"

#include <utility>

using namespace auth;

TEST_CASE("base64 and hex agree with RFC 4648 section 10") {
    const std::pair<const char*, const char*> base64[] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
    };
    for (const auto& [bytes, text] : base64) {
        CHECK(to_base64(bytes) == text);
        CHECK(from_base64(text) == bytes);
        std::string unpadded = text;
        unpadded.erase(unpadded.find_last_not_of('=') + 1);
        CHECK(to_base64url(bytes) == unpadded);
        CHECK(from_base64url(unpadded) == bytes);
    }
    CHECK(to_hex("foobar") == "666f6f626172");
    CHECK(from_hex("666f6f626172") == "foobar");
}

TEST_CASE("base32 agrees with RFC 4648 section 10, without its padding") {
    const std::pair<const char*, const char*> base32[] = {
        {"", ""},
        {"f", "MY"},
        {"fo", "MZXQ"},
        {"foo", "MZXW6"},
        {"foob", "MZXW6YQ"},
        {"fooba", "MZXW6YTB"},
        {"foobar", "MZXW6YTBOI"},
    };
    for (const auto& [bytes, text] : base32) {
        CHECK(to_base32(bytes) == text);
        CHECK(from_base32(text) == bytes);
    }
    for (const char* text : {"M", "MZX", "MZXW6Y", "MZ", "my", "MY======", "M1", "MZXW6YTBA"})
        CHECK_FALSE(from_base32(text));
}

TEST_CASE("the two base64 alphabets differ in two characters") {
    const std::string bytes = "\xfb\xff\xbf";
    CHECK(to_base64(bytes) == "+/+/");
    CHECK(to_base64url(bytes) == "-_-_");
    CHECK_FALSE(from_base64("-_-_"));
    CHECK_FALSE(from_base64url("+/+/"));
}

TEST_CASE("decoders take one text for one value") {
    for (const char* text : {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "====", "Z===", "=",
                             "Zg==Zg==", "Zm9v\n", " Zm9v", "Zm 9v", "Zm9vZ"})
        CHECK_FALSE(from_base64(text));
    for (const char* text : {"Zg==", "Zh", "Zm9", "A", "AAAAA", "Zm9v\n", "Zm+v", "Zm9v="})
        CHECK_FALSE(from_base64url(text));
    for (const char* text : {"6", "6g", "0x66", "66 ", "6F"})
        CHECK_FALSE(from_hex(text));
}

TEST_CASE("every byte survives a round trip") {
    std::string all;
    for (int i = 0; i < 256; ++i)
        all += static_cast<char>(i);
    for (std::size_t length = 0; length <= all.size(); ++length) {
        const std::string bytes = all.substr(0, length);
        REQUIRE(from_base64(to_base64(bytes)) == bytes);
        REQUIRE(from_base64url(to_base64url(bytes)) == bytes);
        REQUIRE(from_hex(to_hex(bytes)) == bytes);
    }
}

TEST_CASE("all but unreserved bytes are percent-encoded") {
    const std::string unreserved = "AZaz09-._~"; // RFC 3986 section 2.3
    CHECK(percent_encoded(unreserved) == unreserved);
    CHECK(percent_encoded("a b%+@/:?&=#") == "a%20b%25%2B%40%2F%3A%3F%26%3D%23");
    CHECK(percent_encoded("\xe2\x82\xac\x01") == "%E2%82%AC%01");
    CHECK(percent_encoded("ann@example.org/", "@") == "ann@example.org%2F");
    CHECK(percent_encoded("").empty());
}
