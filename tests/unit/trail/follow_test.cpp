#include "core/trail/follow.h"
#include "support/catch.h"
#include "support/test_trail.h"

using namespace auth;
using test::Trail;

namespace {

std::vector<std::int64_t> drain(Follower& rows) {
    std::vector<std::int64_t> out;
    while (const auto row = rows.next().value())
        out.push_back(row->seq);
    return out;
}

std::vector<std::int64_t> from_to(std::int64_t from, std::int64_t to) {
    std::vector<std::int64_t> out;
    for (; from <= to; ++from)
        out.push_back(from);
    return out;
}

} // namespace

TEST_CASE("rows are followed from the first, the latest, or behind a number") {
    Trail trail;
    const std::int64_t rows = trail.rows();
    Follower all(trail, {}, std::nullopt);
    AuditFilter few;
    few.limit = 2;
    Follower latest(trail, few, std::nullopt);
    Follower behind(trail, {}, 4);
    Follower ahead(trail, {}, rows + 1);
    CHECK(drain(all) == from_to(1, rows));
    CHECK(drain(latest) == from_to(rows - 1, rows));
    CHECK(drain(behind) == from_to(5, rows));
    CHECK(drain(ahead).empty());
    trail.add(3);
    for (Follower* each : {&all, &latest, &behind})
        CHECK(drain(*each) == from_to(rows + 1, rows + 3));
    CHECK(drain(ahead) == from_to(rows + 2, rows + 3));
    CHECK(drain(all).empty());
    CHECK(all.pause() == std::chrono::seconds(1));
}

TEST_CASE("more rows than a page are followed, with a filter as well") {
    Trail trail(1300);
    const std::int64_t rows = trail.rows();
    Follower all(trail, {}, std::nullopt);
    CHECK(drain(all) == from_to(1, rows));
    AuditFilter one;
    one.target = "user1";
    Follower some(trail, one, std::nullopt);
    CHECK(drain(some).size() == 433);
    trail.add(2);
    CHECK(drain(some) == std::vector<std::int64_t>{rows + 2});
}

TEST_CASE("rows that are archived before they were read are reported") {
    Trail trail;
    Follower from_start(trail, {}, std::nullopt);
    Follower slow(trail, {}, 2);
    Follower quick(trail, {}, 2);
    drain(quick);
    REQUIRE(slow.next().value()->seq == 3);
    REQUIRE(trail.archive() != "none");
    const std::int64_t rows = trail.rows();
    CHECK(drain(quick) == std::vector<std::int64_t>{rows});
    // What was read already still comes; what was not does not.
    Follower late(trail, {}, 2);
    const auto failed = late.next();
    REQUIRE_FALSE(failed);
    CHECK(failed.error().code == ErrorCode::not_found);
    CHECK(failed.error().message.find("the rows from number 3 to ") == 0);
    CHECK(drain(from_start) == from_to(rows - 3, rows));
}
