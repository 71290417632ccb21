#include "core/base/spool.h"
#include "support/catch.h"

using auth::Spool;

namespace {

std::string all(Spool& spool) {
    std::string out;
    while (const auto lines = spool.next()) {
        CHECK(lines->back() == '\n');
        out += *lines;
    }
    return out;
}

} // namespace

TEST_CASE("an empty spool gives nothing") {
    Spool spool;
    CHECK_FALSE(spool.next());
}

TEST_CASE("few lines come back as they went in") {
    Spool spool;
    spool.add("one");
    spool.add("");
    spool.add("three");
    CHECK(all(spool) == "one\n\nthree\n");
    CHECK_FALSE(spool.next());
}

TEST_CASE("lines that no memory should hold come back in whole lines, in order") {
    Spool spool;
    std::string expected;
    for (int i = 0; i < 100'000; ++i) {
        const std::string line =
            std::to_string(i) + std::string(static_cast<std::size_t>(i % 97), 'x');
        spool.add(line);
        expected += line + "\n";
    }
    CHECK(all(spool) == expected);
    CHECK_FALSE(spool.next());
}
