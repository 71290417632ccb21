#include "core/formats/user_reader.h"
#include "core/provisioning/import_users.h"
#include "core/users/roles_table.h"
#include "support/catch.h"
#include "support/test_realm.h"

#include <fmt/format.h>

#include <random>
#include <utility>

using namespace auth;
using test::TestRealm;

namespace {

class Given final : public UserReader {
  public:
    explicit Given(std::vector<UserRecord> records) : records_(std::move(records)) {}
    Result<bool> next(UserRecord& record) override {
        if (at_ == records_.size())
            return false;
        record = std::move(records_[at_++]);
        return true;
    }

  private:
    std::vector<UserRecord> records_;
    std::size_t at_ = 0;
};

// Few names for many rows, so that they are often taken, and change hands.
class Rows {
  public:
    explicit Rows(unsigned seed) : chance_(seed) {}

    std::vector<UserRecord> next(int count) {
        std::vector<UserRecord> rows;
        for (int line = 1; line <= count; ++line) {
            UserRecord& row = rows.emplace_back();
            row.line = line;
            row.email = fmt::format("user{}@example.org", below(40));
            if (below(3) > 0)
                row.username = fmt::format("name{}", below(25));
            if (below(5) == 0)
                row.id = fmt::format("01900000-0000-7000-8000-0000000000{:02}", below(20));
            if (below(4) == 0)
                row.roles = std::vector<std::string>{below(6) == 0 ? "unknown" : "reader"};
            if (below(30) == 0)
                row.email = "no address";
        }
        return rows;
    }

  private:
    int below(int limit) { return std::uniform_int_distribution<>(0, limit - 1)(chance_); }
    std::mt19937 chance_;
};

struct World {
    TestRealm realm;
    Transaction transaction{realm.database()};
    ImportRules rules = *import_rules(realm);
    std::vector<std::string> said;

    World() { roles_table::insert(realm.database(), {"reader", "", {}}); }

    void import(std::vector<UserRecord> records) {
        Import import(realm, std::make_unique<Given>(std::move(records)), rules, true, 1);
        std::vector<RowResult> rows;
        while (*import.next(rows))
            for (const RowResult& row : rows)
                said.push_back(fmt::format("{} {} {}", row.line, to_name(row.outcome),
                                           row.error ? row.error->message : ""));
        REQUIRE(import.commit());
    }

    std::vector<std::string> users() {
        std::vector<std::string> all;
        Statement& rows = realm.database().prepare(
            "SELECT email || ' ' || coalesce(username, '-') || ' ' ||"
            " (SELECT count(*) FROM user_roles WHERE user_id = id) FROM users ORDER BY email");
        while (rows.step())
            all.push_back(rows.text(0));
        return all;
    }
};

} // namespace

TEST_CASE("rows that come together fare as if each came alone") {
    const auto mode = GENERATE(OnConflict::fail, OnConflict::skip, OnConflict::update);
    const auto seed = GENERATE(range(1U, 9U));
    World together;
    World alone;
    for (World* world : {&together, &alone}) {
        world->rules.on_conflict = mode;
        world->rules.roles = world->rules.ids = Permission::allow;
    }
    Rows rows(seed);
    Rows same(seed);
    for (const int count : {3, 40, 1, 300}) {
        together.import(rows.next(count));
        for (UserRecord& record : same.next(count)) {
            std::vector<UserRecord> one;
            one.push_back(std::move(record));
            alone.import(std::move(one));
        }
    }
    CHECK(together.said == alone.said);
    CHECK(together.users() == alone.users());
    CHECK(together.users().size() > 20);
}
