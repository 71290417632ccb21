#include "core/audit/audit_chain.h"
#include "core/audit/audit_table.h"
#include "core/base/encoding.h"
#include "core/store/migrations.h"
#include "core/store/sqlite/sqlite_database.h"
#include "core/upkeep/copy_database.h"
#include "support/catch.h"
#include "support/laned_database.h"
#include "support/test_realm.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

using namespace auth;
using test::TestRealm;

namespace {

// Six targets with four rows each, in turns, as a server writes them: each in a lane of its own.
struct Lanes : TestRealm {
    Lanes() : laned(database()) {
        const Realm& base = realm();
        Realm server{.database = laned,
                     .vault = base.vault,
                     .settings = base.settings,
                     .clock = base.clock,
                     .random = base.random,
                     .actor = base.actor,
                     .test = true};
        for (int round = 0; round < 4; ++round) {
            Transaction transaction(laned);
            for (int n = 1; n <= 6; ++n)
                record(server, {"user_updated", "u" + std::to_string(n), true, {{"n", round}}});
            transaction.commit();
        }
        REQUIRE(problem().empty());
    }
    test::LanedDatabase laned;

    std::string problem() { return verify_audit(database()).problem; }
    // The lane of a target, and the number of its row at a place there.
    static std::int64_t lane(const char* target) { return lane_of(target, "", 64); }
    std::string seq(const char* target, int place) {
        return query(fmt::format("SELECT seq FROM audit WHERE lane = {} AND place = {}",
                                 lane(target), place));
    }
    std::string hash(const char* target, int place) {
        return query("SELECT hash FROM audit WHERE seq = " + seq(target, place));
    }
    // Two rows change places, with all columns of the list.
    void exchange(const std::string& one, const std::string& other,
                  const std::vector<std::string>& columns) {
        execute(fmt::format("CREATE TEMP TABLE kept AS SELECT * FROM audit WHERE seq IN ({}, {});"
                            "UPDATE audit SET place = place + 1000 WHERE seq IN ({}, {})",
                            one, other, one, other));
        for (const auto& [to, from] : {std::pair(one, other), std::pair(other, one)}) {
            std::string changes;
            for (const std::string& column : columns)
                changes += fmt::format("{}{} = (SELECT {} FROM kept WHERE seq = {})",
                                       changes.empty() ? "" : ", ", column, column, from);
            if (std::ranges::find(columns, "place") == columns.end())
                changes += ", place = place - 1000";
            execute(fmt::format("UPDATE audit SET {} WHERE seq = {}", changes, to));
        }
        execute("DROP TABLE kept");
    }
};

} // namespace

TEST_CASE("rows of different targets are in different lanes, each without gaps") {
    Lanes trail;
    CHECK(trail.count("SELECT count(DISTINCT lane) FROM audit WHERE target LIKE 'u_'") == 6);
    std::set<std::int64_t> numbers;
    test::list_audit(trail.database(), {}, [&](const AuditRow& row) {
        CHECK(row.seq == static_cast<std::int64_t>(numbers.size()) + 1);
        numbers.insert(row.seq);
        if (row.target.starts_with("u") && row.target.size() == 2)
            CHECK(row.lane == Lanes::lane(row.target.c_str()));
    });
    CHECK(trail.seq("u3", 4) == std::to_string(numbers.size() - 3));
    const AuditHead head = audit_head(trail.database());
    CHECK(head.rows == static_cast<std::int64_t>(numbers.size()));
    CHECK(head.seq == head.rows);
}

TEST_CASE("a lane is chosen by a digest of the target, or of the event") {
    CHECK(lane_of("t1", "ev", 64) == 34); // as PostgreSQL computes it
    CHECK(lane_of("", "t1", 64) == 34);
    CHECK(lane_of("t1", "ev", 1) == 0);
    CHECK(lane_of("t1", "ev", 64) == static_cast<unsigned char>(sha256("t1")[0]) % 64);
}

TEST_CASE("an edit of any column in any lane is found") {
    for (const char* edit :
         {"at = at + 1", "actor = 'os:other'", "event = 'user_deleted'", "target = 'z'",
          "result = 'fail'", "detail = '{}'", "hash = zeroblob(32)", "salt = zeroblob(16)",
          "detail_digest = NULL, salt = NULL, detail = '{\"erased\":true}'"}) {
        CAPTURE(edit);
        for (const char* target : {"u1", "u5"}) {
            Lanes trail;
            const std::string seq = trail.seq(target, 2);
            trail.execute("UPDATE audit SET " + std::string(edit) + " WHERE seq = " + seq);
            CHECK(trail.problem() == "row " + seq + " was altered");
        }
    }
}

TEST_CASE("a row with another number is found") {
    Lanes trail;
    trail.execute("UPDATE audit SET seq = 1000 WHERE seq = " + trail.seq("u2", 4));
    CHECK(trail.problem() == "row 1000 was altered");
}

TEST_CASE("a row that is missing in a lane is found, and so is a lane's end") {
    Lanes middle;
    middle.execute("DELETE FROM audit WHERE seq = " + middle.seq("u2", 2));
    CHECK(middle.problem() == fmt::format("row 2 of lane {} is missing", Lanes::lane("u2")));
    Lanes end;
    end.execute("DELETE FROM audit WHERE seq = " + end.seq("u2", 4));
    CHECK(end.problem() ==
          fmt::format("lane {} of the trail ends at row 3, its head says 4", Lanes::lane("u2")));
    Lanes all;
    all.execute(fmt::format("DELETE FROM audit WHERE lane = {}", Lanes::lane("u2")));
    CHECK(all.problem() ==
          fmt::format("lane {} of the trail ends at row 0, its head says 4", Lanes::lane("u2")));
}

TEST_CASE("a row moved within its lane is found") {
    Lanes trail;
    trail.exchange(trail.seq("u2", 2), trail.seq("u2", 3), {"place"});
    CHECK(trail.problem() == fmt::format("row 2 of lane {} is missing", Lanes::lane("u2")));
    Lanes back;
    const std::string seq = back.seq("u2", 3);
    back.execute("UPDATE audit SET place = -1 WHERE seq = " + seq);
    CHECK(back.problem() == "row " + seq + " was moved");
}

TEST_CASE("a row moved to another lane is found") {
    Lanes trail;
    const std::string seq = trail.seq("u2", 4);
    trail.execute(fmt::format("UPDATE audit SET lane = {}, place = 5 WHERE seq = {}",
                              Lanes::lane("u3"), seq));
    CHECK(trail.problem() == fmt::format("row 4 of lane {} is missing", Lanes::lane("u3")));
    Lanes end;
    const std::string last = end.seq("u6", 4);
    end.execute(fmt::format("UPDATE audit SET lane = {}, place = 5 WHERE seq = {}",
                            Lanes::lane("u5"), last));
    CHECK(end.problem() == "row " + last + " was altered");
}

TEST_CASE("rows of two lanes that were exchanged are found") {
    const std::vector<std::string> position{"lane", "place"};
    const std::vector<std::string> content{"at",     "actor", "event",         "target", "result",
                                           "detail", "hash",  "detail_digest", "salt"};
    for (const auto& columns : {position, content}) {
        Lanes trail;
        const std::string one = trail.seq("u2", 3);
        trail.exchange(one, trail.seq("u3", 3), columns);
        CHECK(trail.problem() == "row " + one + " was altered");
    }
}

TEST_CASE("a row put into a lane by hand is found") {
    Lanes trail;
    AuditRow row;
    row.seq = 1000;
    row.actor = "os:root";
    row.event = "forged";
    row.result = "ok";
    row.detail = "{}";
    row.salt = std::string(16, 's');
    row.digest = sha256(*row.salt + row.detail);
    row.lane = Lanes::lane("u2");
    row.place = 5;
    row.hash = sha256(chained(trail.hash("u2", 4), row));
    audit_table::append(trail.database(), row);
    CHECK(trail.problem() ==
          fmt::format("lane {} of the trail ends at row 5, its head says 4", row.lane));
    trail.execute("UPDATE audit SET hash = zeroblob(32) WHERE seq = 1000");
    CHECK(trail.problem() == "row 1000 was altered");
    Lanes beyond;
    row.lane = 99;
    row.place = 1;
    row.hash = sha256(chained(new_lane(99).hash, row));
    audit_table::append(beyond.database(), row);
    CHECK(beyond.problem() == "lane 99 of the trail ends at row 1, its head says 0");
}

TEST_CASE("the end of a lane that was altered is found") {
    for (const char* edit : {"place = place + 1", "seq = seq + 1", "hash = zeroblob(32)"}) {
        CAPTURE(edit);
        Lanes trail;
        trail.execute(
            fmt::format("UPDATE audit_lanes SET {} WHERE lane = {}", edit, Lanes::lane("u4")));
        CHECK(trail.problem().find("lane ") == 0);
    }
    Lanes trail;
    trail.execute(fmt::format("DELETE FROM audit_lanes WHERE lane = {}", Lanes::lane("u4")));
    CHECK(trail.problem() ==
          fmt::format("lane {} of the trail ends at row 4, its head says 0", Lanes::lane("u4")));
}

TEST_CASE("the head covers all lanes, and is the old one while there is one lane") {
    TestRealm one;
    CHECK(audit_head(one.database()).hash ==
          one.query("SELECT hash FROM audit ORDER BY seq DESC LIMIT 1"));
    Lanes trail;
    const AuditHead head = audit_head(trail.database());
    std::string ends;
    for (const AuditLane& lane : audit_table::lanes(trail.database()))
        if (lane.place > 0)
            ends += fmt::format(R"({}[{},{},"{}"])", ends.empty() ? "" : ",", lane.lane, lane.place,
                                to_hex(lane.hash));
    CHECK(head.hash == sha256("[" + ends + "]"));
    for (const char* target : {"u1", "u2", "u6"}) {
        trail.execute(fmt::format("UPDATE audit_lanes SET hash = zeroblob(32) WHERE lane = {}",
                                  Lanes::lane(target)));
        CHECK(audit_head(trail.database()).hash != head.hash);
    }
}

TEST_CASE("a file goes on with a trail that came from a server") {
    Lanes trail;
    const AuditHead before = audit_head(trail.database());
    test::add_user(trail);
    const AuditHead after = audit_head(trail.database());
    CHECK(after.rows > before.rows);
    CHECK(after.seq == after.rows);
    CHECK(trail.query("SELECT lane FROM audit ORDER BY seq DESC LIMIT 1") == "0");
    CHECK(trail.problem().empty());
    const auto copy = SqliteDatabase::create(trail.directory() / "copy.db").value();
    REQUIRE(copy_database(trail, *copy, "copy", [](std::int64_t) { return true; }).value());
    CHECK(verify_audit(*copy).problem.empty());
}

TEST_CASE("a trail from before lanes is lane 0 and keeps its head") {
    const auto database = SqliteDatabase::in_memory();
    for (const auto& [name, sql] : sqlite_migrations())
        if (version_of(name) < 14) {
            database->execute(std::string(sql));
            database->set_schema_version(version_of(name));
        }
    std::string hash = new_lane(0).hash;
    for (int seq = 1; seq <= 3; ++seq) {
        hash = sha256(hash +
                      fmt::format(R"([{},1000,"os:root","user_updated","f","ok","{{}}"])", seq));
        database
            ->prepare("INSERT INTO audit (seq, at, actor, event, target, result, detail, hash)"
                      " VALUES (?1, 1000, 'os:root', 'user_updated', 'f', 'ok', '{}', ?2)")
            .bind(1, static_cast<std::int64_t>(seq))
            .bind_blob(2, hash)
            .run();
    }
    database->prepare("UPDATE audit_head SET seq = 3, hash = ?1").bind_blob(1, hash).run();
    REQUIRE(migrate(*database));
    const AuditCheck check = verify_audit(*database);
    CHECK(check.problem.empty());
    CHECK(check.rows == 3);
    const AuditHead head = audit_head(*database);
    CHECK(head.rows == 3);
    CHECK(head.seq == 3);
    CHECK(head.hash == hash);
}
