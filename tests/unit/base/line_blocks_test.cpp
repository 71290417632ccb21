#include "core/base/line_blocks.h"
#include "support/catch.h"

#include <algorithm>

using namespace auth;

namespace {

// Gives the text in pieces of that size, and the end of it for ever after.
LineBlocks::Read pieces(std::string text, std::size_t size) {
    return [text = std::move(text), size,
            at = std::size_t{0}](std::span<char> out) mutable -> Result<std::size_t> {
        const std::size_t count = std::min({size, out.size(), text.size() - at});
        std::copy_n(text.begin() + static_cast<std::ptrdiff_t>(at), count, out.begin());
        at += count;
        return count;
    };
}

struct Line {
    std::int64_t number;
    std::string text;
    bool operator==(const Line&) const = default;
};

std::vector<Line> rest_of(LineBlocks& blocks) {
    std::vector<Line> lines;
    while (const auto block = blocks.next()) {
        CHECK_FALSE(block->lines.empty());
        std::int64_t number = block->first;
        for (const std::string_view line : block->lines)
            lines.push_back({number++, std::string(line)});
    }
    return lines;
}

std::vector<std::string> texts(const std::string& text, std::size_t size) {
    LineBlocks blocks(pieces(text, size));
    std::vector<std::string> out;
    for (const Line& line : rest_of(blocks)) {
        out.push_back(line.text);
        CHECK(line.number == static_cast<std::int64_t>(out.size()));
    }
    return out;
}

std::optional<std::string> only(const std::string& text, std::size_t size = 1000) {
    return LineBlocks(pieces(text, size)).only_line();
}

using Texts = std::vector<std::string>;

constexpr std::size_t longest = LineBlocks::longest_line;

} // namespace

TEST_CASE("lines come without their newlines, the last one with or without") {
    for (const std::size_t size : {1UL, 2UL, 3UL, 1000UL}) {
        CHECK(texts("", size) == Texts());
        CHECK(texts("a", size) == Texts{"a"});
        CHECK(texts("a\n", size) == Texts{"a"});
        CHECK(texts("\n", size) == Texts{""});
        CHECK(texts("a\nbc\ndef", size) == Texts{"a", "bc", "def"});
        CHECK(texts("a\nbc\ndef\n", size) == Texts{"a", "bc", "def"});
        CHECK(texts("\n\na\n\n", size) == Texts{"", "", "a", ""});
    }
}

TEST_CASE("nothing but the newline is taken away") {
    CHECK(texts("a\r\n b \r\n\t", 1) == Texts{"a\r", " b \r", "\t"});
    CHECK(texts(std::string("a\0b\n\xff\n", 6), 2) == Texts{std::string("a\0b", 3), "\xff"});
}

TEST_CASE("where the input is cut makes no difference") {
    std::string text;
    Texts lines;
    for (int i = 0; i < 300; ++i) {
        lines.push_back(
            std::string(static_cast<std::size_t>(i * 7 % 101), static_cast<char>('a' + i % 26)));
        text += lines.back() + "\n";
    }
    for (std::size_t size = 1; size < 130; ++size)
        REQUIRE(texts(text, size) == lines);
    REQUIRE(texts(text, text.size()) == lines);
}

TEST_CASE("each block's lines are its own, whatever becomes of the reader") {
    std::vector<LineBlock> kept;
    {
        LineBlocks blocks(pieces("one\ntwo\nthree\nfour", 5));
        while (auto block = blocks.next())
            kept.push_back(*std::move(block));
    }
    Texts lines;
    std::int64_t number = 1;
    for (const LineBlock& block : kept) {
        CHECK(block.first == number);
        number += static_cast<std::int64_t>(block.lines.size());
        for (const std::string_view line : block.lines) {
            lines.emplace_back(line);
            CHECK(line.data() >= block.text->data());
            CHECK(line.data() + line.size() <= block.text->data() + block.text->size());
        }
    }
    CHECK(lines == Texts{"one", "two", "three", "four"});
}

TEST_CASE("many lines come in blocks of bounded size") {
    const std::string line(100, 'x');
    std::string text;
    for (int i = 0; i < 20'000; ++i)
        text += line + "\n";
    LineBlocks blocks(pieces(text, 1U << 20U));
    std::size_t lines = 0;
    std::size_t count = 0;
    while (const auto block = blocks.next()) {
        CHECK(block->text->size() <= 2 * longest);
        lines += block->lines.size();
        ++count;
    }
    CHECK(lines == 20'000);
    CHECK(count > 10);
}

TEST_CASE("a line that is too long is one line, cut so that it shows") {
    for (const std::size_t size : {std::size_t{4'093}, std::size_t{1} << 20U})
        for (const char* end : {"", "\n", "\nlast", "\nlast\n"}) {
            const std::string endless(10 * longest, 'x');
            Texts expected{"first", std::string(longest + 1, 'x')};
            if (std::string_view(end).size() > 1)
                expected.emplace_back("last");
            CHECK(texts("first\n" + endless + end, size) == expected);
        }
    CHECK(texts(std::string(longest, 'x') + "\ny", 5'000) == Texts{std::string(longest, 'x'), "y"});
    CHECK(texts(std::string(longest + 1, 'x') + "\ny", 5'000) ==
          Texts{std::string(longest + 1, 'x'), "y"});
}

TEST_CASE("one line alone is known as such") {
    for (const std::size_t size : {1UL, 2UL, 1000UL}) {
        CHECK(only("", size) == "");
        CHECK(only("\n", size) == "");
        CHECK(only("token", size) == "token");
        CHECK(only("token\n", size) == "token");
        CHECK(only("token\r\n", size) == "token\r");
        CHECK_FALSE(only("one\ntwo", size));
        CHECK_FALSE(only("one\n\n two", size));
        // White space round it is no line of its own.
        CHECK(only("one\n\n", size) == "one");
        CHECK(only("\r\n\t one \r\n \n", size) == "\t one \r");
        CHECK(only("\n\n", size) == "");
    }
    CHECK_FALSE(only(std::string(3 * longest, '\n') + "one", 4'096));
    CHECK(only(std::string(5 * longest, 'x'), 4'096)->size() == longest + 1);
    CHECK(only(std::string(5 * longest, 'x') + "\n", 4'096)->size() == longest + 1);
}

TEST_CASE("after asking for one line alone, all of several are still there") {
    for (const std::size_t size : {1UL, 2UL, 4UL, 1000UL}) {
        LineBlocks blocks(pieces("one\ntwo\n\nthree", size));
        REQUIRE_FALSE(blocks.only_line());
        CHECK(rest_of(blocks) == std::vector<Line>{{1, "one"}, {2, "two"}, {3, ""}, {4, "three"}});
    }
    LineBlocks blocks(pieces(std::string(3 * longest, 'x') + "\ntwo", 4'096));
    REQUIRE_FALSE(blocks.only_line());
    const auto lines = rest_of(blocks);
    REQUIRE(lines.size() == 2);
    CHECK(lines.front().text.size() == longest + 1);
    CHECK(lines.back() == Line{2, "two"});
}

TEST_CASE("a line is given out before the next one is asked for") {
    int reads = 0;
    LineBlocks blocks([&](std::span<char> out) -> Result<std::size_t> {
        REQUIRE(++reads == 1);
        const std::string_view text = "one\nhalf";
        return text.copy(out.data(), out.size());
    });
    const auto block = blocks.next();
    REQUIRE(block);
    CHECK(block->lines == std::vector<std::string_view>{"one"});
}

TEST_CASE("an input that fails is no end of it") {
    LineBlocks blocks([at = 0](std::span<char> out) mutable -> Result<std::size_t> {
        if (at++ > 0)
            return fail(ErrorCode::io, "the line is dead");
        out.front() = 'x';
        return std::size_t{1};
    });
    CHECK_THROWS_AS(blocks.next(), Failure);
    LineBlocks other([](std::span<char>) -> Result<std::size_t> {
        return fail(ErrorCode::io, "the line is dead");
    });
    CHECK_THROWS_AS(other.only_line(), Failure);
}
