#include "core/base/encoding.h"
#include "core/base/random.h"
#include "support/catch.h"
#include "support/fakes.h"

#include <array>

using namespace auth;

namespace {

std::string big_endian(std::uint64_t value) {
    std::string out;
    for (unsigned shift = 64; shift != 0;) {
        shift -= 8;
        out += static_cast<char>(value >> shift & 0xffU);
    }
    return out;
}

} // namespace

TEST_CASE("random_below throws away what would favour small numbers") {
    // 2^64 - 6 is the largest multiple of 10: the last six values are not used.
    test::ScriptedRandom random(big_endian(18446744073709551615U) +
                                big_endian(18446744073709551610U) +
                                big_endian(18446744073709551609U) + big_endian(42));
    CHECK(random_below(random, 10) == 9);
    CHECK(random_below(random, 10) == 2);
    CHECK(random.remaining() == 0);
}

TEST_CASE("random_below covers its range evenly") {
    test::SeededRandom random;
    std::array<int, 6> seen{};
    for (int i = 0; i < 6000; ++i)
        ++seen.at(random_below(random, 6));
    for (const int count : seen)
        CHECK((count > 850 && count < 1150));
    CHECK(random_below(random, 1) == 0);
}

TEST_CASE("tokens are base64url of so many bytes") {
    test::ScriptedRandom random("\xfb\xff\xbf");
    CHECK(random_token(random, 3).reveal() == "-_-_");
    CHECK_THROWS(random_bytes(random, 1));
}
