#include "cli/output/table.h"
#include "core/base/text.h"
#include "support/catch.h"

#include <algorithm>

using namespace auth;

namespace {

// Where the second column starts, in columns of the terminal.
std::vector<std::size_t> second_columns(const std::string& table) {
    std::vector<std::size_t> out;
    for (const std::string& line : split(table, '\n'))
        if (const std::size_t at = line.find('|'); at != std::string::npos)
            out.push_back(display_width(line.substr(0, at)));
    return out;
}

std::string table_of(const std::vector<std::string>& first_cells) {
    Table table({"NAME", "| MARK"}, false);
    std::string out;
    for (const std::string& cell : first_cells)
        out += table.add({cell, "| x"});
    out += table.finish();
    return out;
}

} // namespace

TEST_CASE("columns stand in line whatever the script") {
    // Wide, combining, accented, emoji, half width, Hangul, Devanagari.
    const std::string text = table_of({"Ann", "\u5c71\u7530\u592a\u90ce", "Zoe\u0308", "No\u00ebl",
                                       "\U0001f600 joy", "\uff76\uff85", "\ud55c\uad6d\uc5b4",
                                       "\u0928\u092e\u0938\u094d\u0924\u0947", ""});
    const auto columns = second_columns(text);
    REQUIRE(columns.size() == 10);
    CHECK(std::all_of(columns.begin(), columns.end(),
                      [&](std::size_t column) { return column == columns.front(); }));
    CHECK(columns.front() == 10); // four characters of two columns, and two spaces
}

TEST_CASE("a table ends its lines without blanks, and without rows there is none") {
    Table table({"A", "B"}, false);
    CHECK(table.add({"long one", ""}).empty());
    CHECK(table.finish() == "A         B\nlong one\n");
    CHECK(Table({"A"}, false).finish().empty());
}

TEST_CASE("titles are bold only where that was asked for") {
    Table table({"A"}, true);
    CHECK(table.add({"x"}).empty());
    CHECK(table.finish() == "\x1b[1mA\x1b[0m\nx\n");
}

TEST_CASE("a long table comes page by page, and later pages stay in line where they can") {
    Table table({"A", "B"}, false);
    std::string out;
    std::size_t pages = 0;
    for (int i = 0; i < 2500; ++i) {
        const std::string page = table.add({std::to_string(i), "|"});
        pages += page.empty() ? 0U : 1U;
        out += page;
    }
    out += table.finish();
    CHECK(pages == 2);
    CHECK(std::count(out.begin(), out.end(), '\n') == 2501);
}
