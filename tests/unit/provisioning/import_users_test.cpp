#include "core/accounts/passwords_table.h"
#include "core/accounts/totp_secret.h"
#include "core/codes/otpauth.h"
#include "core/formats/user_reader.h"
#include "core/provisioning/import_users.h"
#include "core/users/identities_table.h"
#include "core/users/roles_table.h"
#include "core/users/users_table.h"
#include "support/catch.h"
#include "support/test_realm.h"

#include <fmt/format.h>

#include <functional>
#include <random>
#include <tuple>
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
    RowResult last;

    World() { roles_table::insert(realm.database(), {"reader", "", {}}); }

    void import(std::vector<UserRecord> records) {
        Import import(realm, std::make_unique<Given>(std::move(records)), rules, true, 1);
        std::vector<RowResult> rows;
        while (*import.next(rows))
            for (const RowResult& row : rows) {
                said.push_back(fmt::format("{} {} {}", row.line, to_name(row.outcome),
                                           row.error ? row.error->message : ""));
                last = row;
            }
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
        for (const Right right : {Right::roles, Right::ids})
            world->rules.permissions.name(right, Permission::allow);
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

namespace {

constexpr auto their_hash = "$2b$04$hyawuDP0bg6zlKGwFiwVVuEIfj.XRgkEOvCfFEu1MRTGrUPAajzfC";
constexpr auto her_hash = "$2b$04$7JR2ThPzXBRGSaHqPKcYAuRCWrf4UBDjqgfJPWzBxvzdSDf2cDDhS";
constexpr auto their_secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
constexpr auto issuer = "https://idp.example";

// Updates users by the rows of a file.
struct Update : World {
    Update() {
        rules.on_conflict = OnConflict::update;
        realm.execute("INSERT INTO providers VALUES ('corp', 'https://idp.example', 'x', NULL, '',"
                      " '', NULL, 0, 0, 0)");
    }

    void permit(std::optional<ImportFormat> named, const std::vector<std::string>& allow = {}) {
        rules.permissions = import_permissions(named, allow, {}).value();
    }

    // One row for ann.
    RowResult row(const std::function<void(UserRecord&)>& fill) {
        std::vector<UserRecord> records(1);
        records.front().line = 1;
        records.front().email = "ann@example.org";
        fill(records.front());
        import(std::move(records));
        return last;
    }
    RowResult attack() {
        return row([](UserRecord& record) {
            record.name = "Ann";
            record.password_hash = their_hash;
            record.totp = Secret(fmt::format("otpauth://totp/x?secret={}", their_secret));
            record.identities = std::vector<IdentityRecord>{{issuer, "", "theirs", {}, {}}};
        });
    }

    // Ann, with what is given.
    std::string make_ann(bool password, bool factor, bool identity) {
        User user;
        user.id = "01900000-0000-7000-8000-000000000001";
        user.email = user.email_key = "ann@example.org";
        REQUIRE(users_table::insert(realm.database(), user));
        if (password)
            passwords_table::put(realm.database(), user.id, {her_hash, "subject", {}});
        if (factor)
            store_totp(realm, user.id, totp_table::State::confirmed,
                       {Secret("her secret of twenty"), HashFunction::sha1, 6, Seconds(30)}, 0,
                       "subject");
        if (identity)
            identities_table::insert(realm.database(), {issuer, "hers", user.id, {}, {}});
        return user.id;
    }

    // What ann logs in with.
    std::string hash(const std::string& id) {
        const auto stored = passwords_table::find(realm.database(), id);
        return stored ? stored->hash : "";
    }
    std::string secret(const std::string& id) {
        const auto stored = find_totp(realm, id, totp_table::State::confirmed);
        return stored ? std::string(stored->totp.secret.reveal()) : "";
    }
    std::string subject(const std::string& id) {
        const auto links = identities_table::of_user(realm.database(), id);
        return links.empty() ? "" : links.front().subject;
    }
};

} // namespace

TEST_CASE("moving in is not taking over: what somebody logs in with stays") {
    const auto [password, factor, identity] =
        GENERATE(std::tuple{true, false, false}, std::tuple{false, true, false},
                 std::tuple{false, false, true}, std::tuple{true, true, true});
    Update world;
    const std::string id = world.make_ann(password, factor, identity);
    world.permit(ImportFormat::kratos);
    const RowResult row = world.attack();
    CHECK(row.outcome == RowOutcome::updated); // the name
    CHECK_FALSE(row.error);
    CHECK(row.kept == Rights{Right::hashes, Right::mfa, Right::identities});
    CHECK(row.credentials_replaced == 0);
    CHECK(world.hash(id) == (password ? her_hash : ""));
    CHECK(world.secret(id) == (factor ? "her secret of twenty" : ""));
    CHECK(world.subject(id) == (identity ? "hers" : ""));
}

TEST_CASE("--allow replaces what existing users log in with, and it is counted") {
    Update world;
    const std::string id = world.make_ann(true, true, true);
    world.permit(ImportFormat::kratos, {"hashes,identities"});
    const RowResult row = world.attack();
    CHECK(row.outcome == RowOutcome::updated);
    CHECK(row.kept.empty());
    CHECK(row.credentials_replaced == 3);
    CHECK(world.hash(id) == their_hash);
    CHECK(world.secret(id) != "her secret of twenty");
    CHECK(world.subject(id) == "theirs");
    // The same again changes nothing, with the permission and without.
    CHECK(world.attack().outcome == RowOutcome::unchanged);
    world.permit(ImportFormat::kratos);
    const RowResult same = world.attack();
    CHECK(same.outcome == RowOutcome::unchanged);
    CHECK(same.kept.empty());
}

TEST_CASE("an existing user who cannot log in yet gets what a named format brings") {
    Update world;
    const std::string id = world.make_ann(false, false, false);
    world.permit(ImportFormat::kratos);
    const RowResult row = world.attack();
    CHECK(row.outcome == RowOutcome::updated);
    CHECK(row.kept.empty());
    CHECK(row.credentials_replaced == 0);
    CHECK(world.hash(id) == their_hash);
    CHECK(world.subject(id) == "theirs");
}

TEST_CASE("a password in plain text replaces none without --allow hashes either") {
    Update world;
    const std::string id = world.make_ann(true, false, false);
    const auto give = [](UserRecord& record) {
        record.password = Secret("copper lantern ferries tuesday");
    };
    CHECK(world.row(give).kept == Rights{Right::hashes});
    CHECK(world.hash(id) == her_hash);
    world.permit(std::nullopt, {"hashes"});
    const RowResult row = world.row(give);
    CHECK(row.outcome == RowOutcome::updated);
    CHECK(row.credentials_replaced == 1);
    CHECK(world.hash(id) != her_hash);
    CHECK(world.row(give).outcome == RowOutcome::unchanged);
}

TEST_CASE("an existing user keeps their id where only the format was named") {
    Update world;
    (void)world.make_ann(true, false, false);
    const auto give = [](UserRecord& record) {
        record.id = "01900000-0000-7000-8000-000000000002";
    };
    world.permit(ImportFormat::kratos);
    CHECK(world.row(give).outcome == RowOutcome::unchanged);
    world.permit(ImportFormat::kratos, {"ids"});
    CHECK(world.row(give).error->code == ErrorCode::exists);
}

TEST_CASE("a row that sets what it may not is refused before anything else, with a command") {
    Update world;
    world.rules.again = {"import", {"users.json"}};
    world.rules.recognised = ImportFormat::kratos;
    const RowResult row = world.attack();
    CHECK(row.outcome == RowOutcome::failed);
    CHECK(row.refused == Rights{Right::hashes, Right::mfa, Right::identities});
    REQUIRE(row.error);
    CHECK(row.error->reason == "not_allowed");
    CHECK(
        row.error->hint ==
        Hint(std::vector{NextStep{"import", {"users.json", "--from", "kratos"}},
                         NextStep{"import", {"users.json", "--allow", "hashes,mfa,identities"}}}));
    CHECK(world.users().empty());
}

TEST_CASE("a row enables nobody whom an operator shut out, unless that is permitted") {
    Update world;
    const std::string ann = world.make_ann(true, false, false);
    world.realm.execute("UPDATE users SET disabled_at = 5, disabled_reason = 'left',"
                        " must_change_password = 1");
    const auto enable = [](UserRecord& record) {
        record.disabled = record.must_change_password = false;
    };
    for (const auto from : {std::optional<ImportFormat>(), std::optional(ImportFormat::keycloak)}) {
        world.permit(from);
        const RowResult row = world.row(enable);
        CHECK(row.outcome == RowOutcome::unchanged);
        CHECK(row.kept == Rights{Right::enabled});
        CHECK(world.realm.query("SELECT disabled_at || disabled_reason || must_change_password"
                                " FROM users") == "5left1");
    }
    world.permit({}, {"enabled"});
    CHECK(world.row(enable).outcome == RowOutcome::updated);
    CHECK(world.realm.count("SELECT count(*) FROM users WHERE disabled_at IS NULL"
                            " AND must_change_password = 0") == 1);
    world.permit({});
    const RowResult row = world.row([](UserRecord& record) { record.disabled = true; });
    CHECK(row.outcome == RowOutcome::updated);
    CHECK(row.kept.empty());
}
