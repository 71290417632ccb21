#include "core/audit/audit.h"
#include "support/catch.h"
#include "support/test_realm.h"

using namespace auth;
using test::TestRealm;

namespace {

// A trail of known length: what making the database left, and five more.
struct Trail : TestRealm {
    Trail() {
        first = audit_head(database()).rows;
        Transaction transaction(database());
        for (const char* target : {"a", "b", "c", "d", "e"}) {
            clock.advance(Seconds(10));
            record(realm(), {"user_updated", target, true, {{"fields", {"name"}}}});
        }
        transaction.commit();
    }
    std::int64_t first = 0;

    std::string problem() { return verify_audit(database()).problem; }
    std::string row(std::int64_t n) const { return std::to_string(first + n); }
};

} // namespace

TEST_CASE("an untouched trail is sound") {
    Trail trail;
    const AuditCheck check = verify_audit(trail.database());
    CHECK(check.problem.empty());
    CHECK(check.rows == trail.first + 5);
    CHECK(audit_head(trail.database()).rows == check.rows);
    CHECK(audit_head(trail.database()).hash.size() == 32);
    trail.reopen();
    CHECK(trail.problem().empty());
}

TEST_CASE("an edit of any column is found") {
    const char* const edits[] = {
        "at = at + 1",     "actor = 'os:other'", "event = 'user_deleted'", "target = 'z'",
        "result = 'fail'", "detail = '{}'",      "hash = zeroblob(32)",    "at = -1"};
    for (const char* edit : edits) {
        CAPTURE(edit);
        Trail trail;
        trail.execute("UPDATE audit SET " + std::string(edit) + " WHERE seq = " + trail.row(3));
        CHECK(trail.problem().find("row " + trail.row(3)) == 0);
    }
}

TEST_CASE("what a deleted user did stays, and says nothing of who it was") {
    Trail trail;
    const std::string anchor =
        trail.query("SELECT hex(hash) FROM audit WHERE seq = " + trail.row(4));
    {
        Transaction transaction(trail.database());
        erase_details(trail, "c");
        record(trail, {deletion_event, "c"});
        transaction.commit();
    }
    CHECK(trail.problem().empty());
    CHECK(trail.query("SELECT detail FROM audit WHERE seq = " + trail.row(3)) ==
          R"({"erased":true})");
    CHECK(trail.count("SELECT count(*) FROM audit WHERE salt IS NULL") == 1);
    CHECK(trail.query("SELECT hex(hash) FROM audit WHERE seq = " + trail.row(4)) == anchor);
    // The rest of the row is still proved.
    trail.execute("UPDATE audit SET event = 'user_verified' WHERE seq = " + trail.row(3));
    CHECK(trail.problem() == "row " + trail.row(3) + " was altered");
}

TEST_CASE("to erase a detail whose user was not deleted is to alter the row") {
    for (const char* edit :
         {"detail = '{}'", "salt = NULL", "detail = '{\"erased\":true}'",
          "detail = '{\"erased\":true}', salt = NULL", "salt = NULL, detail = '{}'",
          "detail_digest = NULL", "detail = '{\"erased\":true}', salt = NULL, detail_digest = NULL",
          "detail_digest = zeroblob(32)", "salt = zeroblob(16)"}) {
        CAPTURE(edit);
        Trail trail;
        trail.execute("UPDATE audit SET " + std::string(edit) + " WHERE seq = " + trail.row(3));
        CHECK(trail.problem().find("row " + trail.row(3)) == 0);
    }
}

TEST_CASE("a row from before details could be erased is proved with its detail") {
    Trail trail;
    // As versions before schema 10 wrote it: the detail itself in the chain.
    const std::string seq = std::to_string(trail.first + 6);
    const std::string text = audit_head(trail.database()).hash + "[" + seq +
                             R"(,1000,"os:root","user_updated","f","ok","{\"a\":1}"])";
    Statement& row = trail.database().prepare(
        "INSERT INTO audit (seq, at, actor, event, target, result, detail, hash)"
        " VALUES (?1, 1000, 'os:root', 'user_updated', 'f', 'ok', '{\"a\":1}', ?2)");
    row.bind(1, trail.first + 6);
    row.bind_blob(2, sha256(text));
    row.run();
    trail.database()
        .prepare("UPDATE audit_lanes SET place = ?1, seq = ?1, hash = ?2 WHERE lane = 0")
        .bind(1, trail.first + 6)
        .bind_blob(2, sha256(text))
        .run();
    CHECK(trail.problem().empty());
    {
        Transaction transaction(trail.database());
        erase_details(trail, "f");
        record(trail, {deletion_event, "f"});
        transaction.commit();
    }
    CHECK(trail.problem().empty());
    trail.execute("UPDATE audit SET detail = '{\"a\":2}' WHERE seq = " + seq);
    CHECK(trail.problem() == "row " + seq + " was altered");
}

TEST_CASE("an edit into what is no text is found as well") {
    Trail trail;
    trail.execute("UPDATE audit SET actor = CAST(x'ff' AS TEXT) WHERE seq = " + trail.row(3));
    CHECK(trail.problem() == "row " + trail.row(3) + " was altered");
}

TEST_CASE("a hash made anew does not hide an edit") {
    Trail trail;
    trail.execute("UPDATE audit SET target = 'z',"
                  " hash = (SELECT hash FROM audit WHERE seq = " +
                  trail.row(4) + ") WHERE seq = " + trail.row(3));
    CHECK_FALSE(trail.problem().empty());
}

TEST_CASE("a deleted row is found") {
    Trail trail;
    trail.execute("DELETE FROM audit WHERE seq = " + trail.row(2));
    CHECK(trail.problem() == "row " + trail.row(2) + " is missing");
}

TEST_CASE("a deleted row is found even where the rest moves up") {
    Trail trail;
    trail.execute("DELETE FROM audit WHERE seq = " + trail.row(2));
    for (int n = 3; n <= 5; ++n)
        trail.execute("UPDATE audit SET seq = seq - 1 WHERE seq = " + trail.row(n));
    CHECK(trail.problem() == "row " + trail.row(2) + " was altered");
}

TEST_CASE("swapped rows are found") {
    Trail trail;
    trail.execute("UPDATE audit SET seq = 1000 WHERE seq = " + trail.row(2));
    trail.execute("UPDATE audit SET seq = seq - 1 WHERE seq = " + trail.row(3));
    trail.execute("UPDATE audit SET seq = " + trail.row(3) + " WHERE seq = 1000");
    CHECK(trail.problem() == "row " + trail.row(2) + " was altered");
}

TEST_CASE("a trail cut at either end is found") {
    Trail end;
    end.execute("DELETE FROM audit WHERE seq >= " + end.row(4));
    CHECK(end.problem() == "the trail ends at row " + end.row(3) + ", its head says " + end.row(5));
    Trail start;
    start.execute("DELETE FROM audit WHERE seq = 1");
    CHECK(start.problem() == "row 1 is missing");
    Trail all;
    all.execute("DELETE FROM audit");
    CHECK_FALSE(all.problem().empty());
}

TEST_CASE("a row put in by hand is found") {
    Trail trail;
    trail.execute(
        "INSERT INTO audit SELECT seq + 1, at, actor, event, target, result, detail, hash,"
        " salt, detail_digest, lane, place FROM audit WHERE seq = " +
        trail.row(5));
    CHECK(trail.problem() == "row " + trail.row(6) + " was altered");
}

TEST_CASE("a row put in where no trail would be is found, and listed") {
    for (const auto* row : {"0, 1", "-1, 1", "-9223372036854775808, 1", "9223372036854775807, 1",
                            "4, -1", "4, -9223372036854775808"}) {
        CAPTURE(row);
        TestRealm realm;
        realm.execute(std::string("INSERT INTO audit (seq, at, actor, event, result, detail, hash)"
                                  " SELECT ") +
                      row +
                      ", 'os:root', 'forged', 'ok', '{}', hash FROM audit_lanes"
                      " WHERE lane = 0");
        CHECK_FALSE(verify_audit(realm.database()).problem.empty());
        int forged = 0;
        test::list_audit(realm.database(), {},
                         [&](const AuditRow& each) { forged += each.event == "forged" ? 1 : 0; });
        CHECK(forged == 1);
    }
}

TEST_CASE("a row that cannot be written undoes its act") {
    Trail trail;
    trail.execute("DELETE FROM audit_lanes");
    CHECK_THROWS_AS(test::add_user(trail), Failure);
    trail.reopen();
    CHECK(trail.count("SELECT count(*) FROM users") == 0);
}

TEST_CASE("rows can be filtered, and the latest asked for") {
    Trail trail;
    const Time start = trail.clock.now() - Seconds(40);
    const auto targets = [&](const AuditFilter& filter) {
        std::string found;
        test::list_audit(trail.database(), filter, [&](const AuditRow& row) {
            if (row.event == "user_updated")
                found += row.target;
        });
        return found;
    };
    CHECK(targets({}) == "abcde");
    CHECK(targets({"c", "", {}, 0}) == "c");
    CHECK(targets({"", "user_updated", {}, 2}) == "de");
    CHECK(targets({"", "user_deleted", {}, 0}).empty());
    CHECK(targets({"", "", start + Seconds(20), 0}) == "cde");
}

TEST_CASE("a long trail is read to its end") {
    TestRealm realm;
    const std::int64_t before = audit_head(realm.database()).rows;
    {
        Transaction transaction(realm.database());
        AuditBatch batch(realm);
        for (int i = 0; i < 1100; ++i)
            batch.record({"user_updated", std::to_string(i % 550)});
        batch.finish();
        transaction.commit();
    }
    const auto rows = [&](const AuditFilter& filter) {
        std::int64_t count = 0;
        test::list_audit(realm.database(), filter, [&](const AuditRow&) { ++count; });
        return count;
    };
    CHECK(rows({}) == before + 1100);
    CHECK(rows({"", "user_updated", {}, 0}) == 1100);
    CHECK(rows({"549", "", {}, 0}) == 2);
    CHECK(rows({"", "", {}, 700}) == 700);
    const AuditCheck check = verify_audit(realm.database());
    CHECK(check.problem.empty());
    CHECK(check.rows == before + 1100);
    realm.execute("UPDATE audit SET actor = 'nobody' WHERE seq = 600");
    CHECK(verify_audit(realm.database()).problem == "row 600 was altered");
}

TEST_CASE("a row says who, what, when and how it went") {
    Trail trail;
    Transaction transaction(trail.database());
    record(trail, {"authn_login_fail", "u1", false, {{"reason", "line\nbreak"}}});
    AuditRow last;
    test::list_audit(trail.database(), {}, [&](const AuditRow& row) { last = row; });
    CHECK(last.seq == trail.first + 6);
    CHECK(last.at == trail.clock.now());
    CHECK(last.actor == "os:tester");
    CHECK(last.event == "authn_login_fail");
    CHECK(last.target == "u1");
    CHECK(last.result == "fail");
    CHECK(last.detail == R"({"reason":"line\nbreak"})");
}
