#include "core/audit/audit.h"
#include "core/store/sqlite/sqlite_database.h"
#include "core/upkeep/copy_database.h"
#include "support/catch.h"
#include "support/test_realm.h"

using namespace auth;
using test::TestRealm;

namespace {

// What the trail of the original says of copies, a line each: "copy.db ok".
std::vector<std::string> told(Database& database) {
    std::vector<std::string> lines;
    test::list_audit(database, {"", "database_copied", {}, 0},
                     [&](const AuditRow& row) { lines.push_back(row.target + " " + row.result); });
    return lines;
}

const auto go_on = [](std::int64_t) { return true; };

} // namespace

TEST_CASE("a copy is in both trails") {
    TestRealm realm;
    const auto copy = SqliteDatabase::create(realm.directory() / "copy.db").value();
    REQUIRE(copy_database(realm, *copy, "copy.db", go_on).value());
    CHECK(told(realm.database()) == std::vector<std::string>{"copy.db ok"});
    CHECK(told(*copy) == std::vector<std::string>{"copy.db ok"});
    CHECK(verify_audit(*copy).problem.empty());
}

TEST_CASE("a copy that fails is a failure in the trail of the original") {
    TestRealm realm;
    {
        Transaction transaction(realm.database());
        for (int i = 0; i < 300; ++i) // whose progress is told once at least
            record(realm, {"user_updated", "u1"});
        transaction.commit();
    }
    const auto copy = SqliteDatabase::create(realm.directory() / "copy.db").value();
    SECTION("as it was interrupted") {
        const auto copied =
            copy_database(realm, *copy, "copy.db", [](std::int64_t) { return false; });
        REQUIRE(copied);
        CHECK_FALSE(*copied);
    }
    SECTION("as something broke") {
        CHECK_THROWS_AS((void)copy_database(realm, *copy, "copy.db",
                                            [](std::int64_t) -> bool {
                                                throw Failure(error(ErrorCode::io, "no room"));
                                            }),
                        Failure);
    }
    CHECK(told(realm.database()) == std::vector<std::string>{"copy.db ok", "copy.db fail"});
    CHECK(verify_audit(realm.database()).problem.empty());
}

TEST_CASE("a database whose trail is broken is not copied") {
    TestRealm realm;
    const auto copy = SqliteDatabase::create(realm.directory() / "copy.db").value();
    realm.execute("UPDATE audit SET actor = 'nobody' WHERE seq = 1");
    const auto copied = copy_database(realm, *copy, "copy.db", go_on);
    REQUIRE_FALSE(copied);
    const std::string& message = copied.error().message;
    CHECK(message.find("auth.db' does not hold together: row 1 was altered") != std::string::npos);
    CHECK(told(realm.database()).empty());
}
