#include "core/base/ids.h"
#include "core/base/uuid_sequence.h"
#include "support/catch.h"
#include "support/fakes.h"

using namespace auth;

TEST_CASE("ids of a sequence are good ids of its time, and ascend") {
    test::SeededRandom random;
    // RFC 9562 appendix A.6's second: 0x017f22e279b0 ms = 1645557742 s.
    UuidSequence ids(random, from_unix_seconds(1645557742));
    std::string last;
    for (int i = 0; i < 10'000; ++i) {
        std::string id = ids.next();
        REQUIRE(UserId::parse(id)->text() == id);
        REQUIRE(id.substr(0, 15) == "017f22e2-79b0-7");
        REQUIRE(id > last);
        last = std::move(id);
    }
}

TEST_CASE("a sequence that comes to the end of its low bits counts on in the high ones") {
    // High bits 1, low ones as large as they get, then steps as large as they get.
    test::ScriptedRandom random(std::string("\x00\x00\x00\x01", 4) + std::string(4092, '\xff'));
    UuidSequence ids(random, from_unix_seconds(0));
    CHECK(ids.next() == "00000000-0000-7001-bfff-ffffffffffff");
    CHECK(ids.next() == "00000000-0000-7002-8000-0000ffffffff");
}

TEST_CASE("two sequences of one second have nothing in common") {
    test::SeededRandom one(1);
    test::SeededRandom other(2);
    UuidSequence first(one, from_unix_seconds(1));
    UuidSequence second(other, from_unix_seconds(1));
    CHECK(first.next().substr(15) != second.next().substr(15));
}
