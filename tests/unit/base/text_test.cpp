#include "core/base/text.h"
#include "support/catch.h"

#include <array>

using namespace auth;

TEST_CASE("only UTF-8 is UTF-8") {
    for (const char* text : {"", "a", "\u00e9", "\u20ac", "\U0001f600", "\U0010ffff"})
        CHECK(valid_utf8(text));
    // A lone continuation, truncations, overlong forms, a surrogate, and beyond U+10FFFF.
    for (const char* text : {"\x80", "\xc3", "\xe2\x82", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
                             "\xf4\x90\x80\x80", "\xff", "a\xe9z"})
        CHECK_FALSE(valid_utf8(text));
}

TEST_CASE("nothing unprintable reaches a terminal") {
    CHECK(printable("O'Neil \u00e9 \u65e5\u672c") == "O'Neil \u00e9 \u65e5\u672c");
    CHECK(printable("a\nb\r\tc") == "a\\nb\\r\\tc");
    CHECK(printable("\x1b[31mred\x7f") == "\\x1b[31mred\\x7f");
    CHECK(printable(std::string_view("\0", 1)) == "\\x00");
    CHECK(printable("\u009b2J") == "\\u{9b}2J");
    CHECK(printable("a\u202eb\u2066c") == "a\\u{202e}b\\u{2066}c");
    CHECK(printable("a\u200bb\u00adc\ufeff") == "a\\u{200b}b\\u{ad}c\\u{feff}");
    CHECK(printable("\u3164\u2028") == "\\u{3164}\\u{2028}");
    CHECK(printable("caf\xe9!") == "caf\\xe9!");
    CHECK(printable(printable("\x1b\u202e\xff")) == printable("\x1b\u202e\xff"));
}

TEST_CASE("quotations are short") {
    CHECK(in_quotes("a\nb") == "'a\\nb'");
    CHECK(in_quotes(std::string(80, 'x')) == "'" + std::string(80, 'x') + "'");
    CHECK(in_quotes(std::string(81, 'x')) == "'" + std::string(80, 'x') + "\u2026'");
    CHECK(display_width(in_quotes(std::string(100000, '\x1b'))) == 83);
    std::string wide;
    for (int i = 0; i < 100; ++i)
        wide += "\u00e9";
    CHECK(valid_utf8(in_quotes(wide)));
    CHECK(display_width(in_quotes(wide)) == 83);
}

TEST_CASE("profile values are one line of UTF-8") {
    CHECK(*parse_line("name", "Zo\u00eb O'Neil") == "Zo\u00eb O'Neil");
    CHECK(*parse_line("name", "") == "");
    for (const char* text : {"a\nb", "a\x1b[0m", "a\u0085", "a\u2028", "\xff", "12345678901"}) {
        const auto parsed = parse_line("name", text, 10);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().code == ErrorCode::usage);
        CHECK(parsed.error().field == "name");
    }
}

TEST_CASE("width counts columns") {
    CHECK(display_width("abc") == 3);
    CHECK(display_width("\u65e5\u672c") == 4);
    CHECK(display_width("e\u0301") == 1);
    CHECK(display_width("") == 0);
}

TEST_CASE("normalisation forms") {
    CHECK(nfc("e\u0301") == "\u00e9");
    CHECK(nfc("\ufb01") == "\ufb01");
    CHECK(nfkc("\ufb01\uff21\u212a") == "fiAK");
    CHECK(nfkc("\u1e9b\u0323") == "\u1e69"); // UAX 15, figure 6
    CHECK(nfc("") == "");
    CHECK_THROWS(nfc("\xff"));
}

TEST_CASE("a text is split at every separator") {
    using Parts = std::vector<std::string>;
    CHECK(split("", ',') == Parts());
    CHECK(split("a", ',') == Parts{"a"});
    CHECK(split("a,b,c", ',') == Parts{"a", "b", "c"});
    CHECK(split(",", ',') == Parts{"", ""});
    CHECK(split(",a,,b,", ',') == Parts{"", "a", "", "b", ""});
    CHECK(split("a,b", ' ') == Parts{"a,b"});
}

TEST_CASE("blanks are trimmed at both ends") {
    CHECK(trimmed("  a  b ") == "a  b");
    CHECK(trimmed("a") == "a");
    CHECK(trimmed("   ").empty());
    CHECK(trimmed("").empty());
    CHECK(trimmed(" \ta\n") == "\ta\n");
    CHECK(trimmed("\r\n a b\t\n", white_space) == "a b");
}

TEST_CASE("an integer is digits, and nothing else") {
    CHECK(parse_integer("0") == 0);
    CHECK(parse_integer("-7") == -7);
    CHECK(parse_integer("0012") == 12);
    CHECK(parse_integer("9223372036854775807") == INT64_MAX);
    for (const char* text : {"", "-", "+1", " 1", "1 ", "1x", "0x1", "1.0", "9223372036854775808"})
        CHECK_FALSE(parse_integer(text));
}

TEST_CASE("one of a thing has no plural") {
    CHECK(counted(0, "user") == "0 users");
    CHECK(counted(1, "user") == "1 user");
    CHECK(counted(-1, "user") == "-1 users");
    CHECK(counted(2, "audit row") == "2 audit rows");
}

TEST_CASE("lower_ascii leaves the rest alone") {
    CHECK(lower_ascii("AbZ\u00c9\u0130") == "abz\u00c9\u0130");
}

TEST_CASE("the nearest word is what was meant") {
    const std::array<std::string, 6> commands{"create", "delete", "login",
                                              "logout", "list",   "token"};
    CHECK(nearest("craete", commands) == "create");
    CHECK(nearest("creat", commands) == "create");
    CHECK(nearest("LOGIN", commands) == "login");
    CHECK(nearest("lgoin", commands) == "login");
    CHECK(nearest("del", commands) == "delete");
    CHECK(nearest("logo", commands) == "logout");
    CHECK(nearest("tokne", commands) == "token");
    CHECK(nearest("frobnicate", commands).empty());
    CHECK(nearest("x", commands).empty());
    CHECK(nearest("", commands).empty());
    CHECK(nearest("create", {}).empty());
    CHECK(did_you_mean("craete", commands, "see help") == "did you mean 'create'?");
    CHECK(did_you_mean("frobnicate", commands, "see help") == "see help");
    CHECK(did_you_mean("frobnicate", commands).empty());
}
