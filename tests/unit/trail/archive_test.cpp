#include "core/base/encoding.h"
#include "core/trail/archive.h"
#include "core/trail/archive_file.h"
#include "core/trail/archive_record.h"
#include "core/trail/row_text.h"
#include "support/catch.h"
#include "support/test_trail.h"

#include <sys/stat.h>

using namespace auth;
using test::Trail;

TEST_CASE("a row has one spelling as a line") {
    Trail trail;
    trail.erase("user1");
    test::list_audit(trail.database(), {}, [](const AuditRow& row) {
        const std::string line = to_json_line(row).value();
        CAPTURE(line);
        const auto again = row_from(line);
        REQUIRE(again);
        CHECK(again->hash == row.hash);
        CHECK(again->detail == row.detail);
        CHECK(again->salt == row.salt);
        CHECK(again->target == row.target);
        CHECK(Json::parse(line).at("seq") == row.seq);
        for (std::size_t i = 0; i < line.size(); ++i)
            for (const char other : {' ', '0', '"', '\\', '}', '\n'}) {
                std::string altered = line;
                altered[i] = other;
                if (const auto read = row_from(altered); read && altered != line)
                    REQUIRE(to_json_line(*read).value() == altered);
            }
    });
}

TEST_CASE("a detail that JSON would write otherwise keeps its text") {
    AuditRow row;
    row.hash = std::string(32, 'h');
    row.actor = "\xff";
    for (const char* detail : {R"({"a": 1})", R"({"a":1,"a":2})", "{}", "text", "",
                               R"({"b":1.0e400})", R"("x")", R"({"x":"}],\"hash\":\"y"})"}) {
        CAPTURE(detail);
        row.detail = detail;
        const auto again = row_from(to_json_line(row).value());
        REQUIRE(again);
        CHECK(again->detail == detail);
    }
}

TEST_CASE("rows leave for a file, and the log stays whole") {
    Trail trail;
    const std::int64_t rows = trail.rows();
    const std::string head = audit_head(trail.database()).hash;
    const std::string last = trail.query("SELECT hex(hash) FROM audit WHERE seq = 6");
    CHECK(trail.archive() == std::to_string(rows - 3));
    CHECK(trail.count("SELECT count(*) FROM audit") == 4);
    CHECK(trail.query("SELECT event FROM audit ORDER BY seq DESC LIMIT 1") == archive_event);
    CHECK(trail.rows() == rows + 1);
    struct stat status {};
    REQUIRE(::stat(trail.file().c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0600U);
    CHECK(trail.check().empty());
    CHECK(trail.check({"archive.jsonl"}).empty());
    CHECK(verify_audit(trail.database()).problem.empty());
    const auto checked = check_trail(trail, {trail.file()}, std::nullopt).value();
    CHECK(checked.rows == rows + 1);
    CHECK(checked.archived == 0);
    const auto alone = check_trail(trail, {}, std::nullopt).value();
    CHECK(alone.rows == 4);
    CHECK(alone.archived == rows - 3);
    // Its digest is in the log, as any tool computes it.
    CHECK(trail.query("SELECT detail FROM audit ORDER BY seq DESC LIMIT 1")
              .find(to_hex(sha256(trail.read()))) != std::string::npos);
}

TEST_CASE("archives follow each other") {
    Trail trail;
    trail.add(20);
    const std::int64_t rows = trail.rows();
    CHECK(trail.archive("1", 20) == std::to_string(rows - 20));
    trail.erase("user2");
    CHECK(trail.archive("2", 9) != "none");
    trail.add(5);
    CHECK(trail.archive("3", 4) != "none");
    CHECK(trail.check({"3", "1", "2"}).empty());
    CHECK(trail.check({"1", "2"}).find("audit archive 3 of ") == 0);
    CHECK(trail.check({"1", "3"}).find("is missing (SHA-256 ") != std::string::npos);
    CHECK(trail.check({"1", "2", "3", "2"}).find("audit archive 2 was given twice") == 0);
    CHECK(check_trail(trail, {trail.file("1"), trail.file("2"), trail.file("3")}, std::nullopt)
              ->rows == trail.rows());
}

TEST_CASE("what is not older stays, and everything after it") {
    Trail trail;
    const auto now = trail.clock.now();
    trail.clock.advance(Seconds(-1000)); // a clock that is set back
    trail.add(3);
    const auto done = archive_rows(trail, {trail.file(), now, [](std::int64_t) {}}).value();
    REQUIRE(done);
    CHECK(done->last_seq == trail.rows() - 1 - 3 - 1);
    const auto none = archive_rows(trail, {trail.file("2"), now, [](std::int64_t) {}});
    CHECK_FALSE(none.value());
    CHECK_FALSE(std::filesystem::exists(trail.file("2")));
}

TEST_CASE("all rows may leave") {
    Trail trail;
    const auto done =
        archive_rows(trail, {trail.file(), trail.clock.now() + Seconds(1), [](std::int64_t) {}});
    CHECK(done.value()->rows == trail.rows() - 1);
    CHECK(trail.check({"archive.jsonl"}).empty());
    trail.add(2);
    CHECK(trail.check({"archive.jsonl"}).empty());
    CHECK(trail.check().empty());
}

TEST_CASE("an existing file stays, unless an interrupted run left it") {
    Trail trail;
    trail.write("something else");
    CHECK(trail.archive().find("already exists") != std::string::npos);
    CHECK(trail.read() == "something else");
    CHECK(trail.archive("other") != "none");
    const std::string other = trail.read("other");
    CHECK(trail.archive("other", 1).find("already exists") != std::string::npos);
    CHECK(trail.read("other") == other);

    // As if the process had been killed between the file and the commit.
    Trail killed;
    trail.realm().dry_run = false;
    {
        std::filesystem::copy_file(killed.database_path(), killed.file("before.db"));
        CHECK(killed.archive() != "none");
    }
    std::filesystem::copy_file(killed.file("before.db"), killed.database_path(),
                               std::filesystem::copy_options::overwrite_existing);
    killed.reopen();
    CHECK(killed.check().empty());
    CHECK(killed.check({"archive.jsonl"}).find("archived 0 times") != std::string::npos);
    killed.add(1);
    CHECK(killed.archive("archive.jsonl", 2) != "none");
    CHECK(killed.check({"archive.jsonl"}).empty());
}

TEST_CASE("a dry run leaves everything as it was") {
    Trail trail;
    trail.database().set_dry_run(true);
    trail.realm().dry_run = true;
    const std::string before = trail.query("SELECT count(*) FROM audit");
    CHECK(trail.archive() != "none");
    CHECK(trail.query("SELECT count(*) FROM audit") == before);
    CHECK_FALSE(std::filesystem::exists(trail.file()));
    CHECK(trail.count("SELECT count(*) FROM audit_archives") == 0);
}

TEST_CASE("a broken log is not archived") {
    Trail trail;
    trail.execute("UPDATE audit SET event = 'x' WHERE seq = 3");
    CHECK(trail.archive().find("nothing was archived: row 3 was altered") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(trail.file()));
}

TEST_CASE("every altered byte of an archive is found") {
    Trail trail(4);
    REQUIRE(trail.archive() != "none");
    const std::string bytes = trail.read();
    REQUIRE(trail.check({"archive.jsonl"}).empty());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        CAPTURE(i);
        std::string altered = bytes;
        altered[i] = static_cast<char>(altered[i] ^ 1);
        trail.write(altered);
        const std::string problem = trail.check({"archive.jsonl"});
        REQUIRE(problem.find("archive.jsonl") != std::string::npos);
    }
}

TEST_CASE("an archive that was cut, grew, or is not the one is found") {
    Trail trail(5);
    REQUIRE(trail.archive() != "none");
    const std::string bytes = trail.read();
    const auto finds = [&](const std::string& altered, const char* what) {
        trail.write(altered);
        const std::string problem = trail.check({"archive.jsonl"});
        CAPTURE(problem, what);
        CHECK(problem.find(what) != std::string::npos);
    };
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        trail.write(bytes.substr(0, size));
        REQUIRE_FALSE(trail.check({"archive.jsonl"}).empty());
    }
    finds("", "is cut off at line 1");
    finds(bytes.substr(0, bytes.size() / 2), "is cut off at line");
    finds(bytes + "\n", "text follows its seal");
    finds(bytes + "x", "text follows its seal");
    const std::size_t second = bytes.find('\n') + 1;
    const std::size_t third = bytes.find('\n', second) + 1;
    finds(bytes.substr(0, second) + bytes.substr(third), "was altered");
    finds(bytes.substr(0, third) + bytes.substr(second), "was altered");

    Trail other(5);
    REQUIRE(other.archive() != "none");
    finds(other.read(), "is not the file that the database knows as archive 1");

    // One of the same database, made by a run that did not come to its end.
    Trail twin(5);
    std::filesystem::copy_file(twin.database_path(), twin.file("before.db"));
    REQUIRE(twin.archive("first", 4) != "none");
    std::filesystem::copy_file(twin.file("before.db"), twin.database_path(),
                               std::filesystem::copy_options::overwrite_existing);
    twin.reopen();
    REQUIRE(twin.archive("second", 2) != "none");
    CHECK(twin.check({"second"}).empty());
    CHECK(twin.check({"first"}).find("is not the file that the database knows as archive 1") !=
          std::string::npos);
}

TEST_CASE("nobody makes up an archive without the key") {
    const auto finds = [](const std::string& sql, const char* what) {
        Trail trail;
        REQUIRE(trail.archive("1", 6) != "none");
        REQUIRE(trail.archive("2", 3) != "none");
        trail.execute(sql);
        const std::string problem = trail.check();
        CAPTURE(sql, problem);
        CHECK(problem.find(what) != std::string::npos);
    };
    for (const char* column :
         {"row_count = row_count + 1", "last_seq = last_seq + 1", "cutoff = cutoff + 1",
          "archived_at = archived_at + 1", "digest = zeroblob(32)", "lane_ends = ''",
          "subtrees = ''", "seal = zeroblob(32)"})
        finds(std::string("UPDATE audit_archives SET ") + column + " WHERE number = 1",
              "audit archive 1 was altered");
    finds("DELETE FROM audit_archives WHERE number = 1", "audit archive 1");
    finds("DELETE FROM audit_archives WHERE number = 2", "is missing");
    finds("DELETE FROM audit_archives", "is missing");
    // To take a row more along with the archive.
    finds("DELETE FROM audit WHERE seq = (SELECT min(seq) FROM audit)", "is missing");
}

TEST_CASE("an erased detail stays erased, and one in an archive stays there") {
    Trail trail;
    trail.erase("user0");
    REQUIRE(trail.archive("1", 2) != "none");
    CHECK(trail.read("1").find(R"("detail":{"erased":true})") != std::string::npos);
    trail.erase("user1");
    CHECK(trail.read("1").find(R"("target":"user1","result":"ok","detail":{"fields")") !=
          std::string::npos);
    CHECK(trail.check({"1"}).empty());
    CHECK(trail.check().empty());
}

TEST_CASE("a copy and a new key keep archives good") {
    Trail trail;
    REQUIRE(trail.archive() != "none");
    const auto records = sealed_archives(trail).value();
    REQUIRE(records.size() == 1);
    CHECK(lane_ends_from(to_text(records.front().ends)) == records.front().ends);
    CHECK_FALSE(lane_ends_from("0:1:2"));
    CHECK_FALSE(lane_ends_from("0:1:2:ab"));
    CHECK_FALSE(lane_ends_from(to_text(records.front().ends) + " "));
}
