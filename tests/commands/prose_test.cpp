#include "cli/help/prose.h"
#include "support/catch.h"

using namespace auth;

TEST_CASE("text is wrapped at the width, by what a terminal shows") {
    CHECK(wrapped("one two three", 0, 7) == "one two\nthree");
    CHECK(wrapped("one two three", 2, 7) == "one\n  two\n  three");
    CHECK(wrapped("a-word-longer-than-all b", 0, 8) == "a-word-longer-than-all\nb");
    CHECK(wrapped("\u65e5\u672c \u8a9e", 0, 6) == "\u65e5\u672c\n\u8a9e");
    CHECK(wrapped("e\u0301e\u0301 e\u0301", 0, 4) == "e\u0301e\u0301 e\u0301");
    CHECK(wrapped("  many   spaces ", 0, 80) == "many spaces");
    CHECK(wrapped("", 0, 80).empty());
}

TEST_CASE("rows are aligned, and their last cell is wrapped beside the others") {
    CHECK(aligned({{"a", "one two three four five six"}, {"bcd", "x"}}, 28) ==
          "  a    one two three four\n"
          "       five six\n"
          "  bcd  x\n");
    CHECK(aligned({{"--a-very-long-flag VALUE", "what it does"}}, 40) ==
          "  --a-very-long-flag VALUE\n"
          "      what it does\n");
    CHECK(aligned({}, 80).empty());
}

TEST_CASE("prose becomes text") {
    const std::string text = prose_text("First `line`\nand second.\n"
                                        "\n"
                                        "# Heading\n"
                                        "\n"
                                        "- an item\n"
                                        "  that goes on\n"
                                        "- another\n"
                                        "\n"
                                        "| a | b |\n"
                                        "|---|---|\n"
                                        "| `x \\| y` | z |\n"
                                        "\n"
                                        "    kept  as `it` is\n",
                                        80);
    CHECK(text == "First line and second.\n"
                  "\n"
                  "Heading:\n"
                  "\n"
                  "- an item that goes on\n"
                  "- another\n"
                  "\n"
                  "  a      b\n"
                  "  x | y  z\n"
                  "\n"
                  "  kept  as `it` is\n");
}
